"""What is kept of a run, and what comparing it with others gives."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.models import Frozen, Rows


class RunMeasures(BaseModel):
    """A run in numbers: enough to compare it with any other, small enough to keep for ever, without personal values.

    Stored as JSON: a field may be added, with a default that stands for runs that were kept before it was.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    run_id: str
    dataset: str
    status: Literal["passed", "warned", "stopped", "failed"]
    started_at: datetime
    finished_at: datetime
    input_digest: str  # of all source digests: equal for runs over the same bytes
    contract_digest: str
    suite_digest: str
    files: int
    rows: Rows
    dead_by_reason: dict[str, int] = {}
    totals: dict[str, float] = {}  # numbers of the table `batch_totals`
    last_seen: datetime | None = None  # when the newest row starts, by the dataset's own clock
    missing: dict[str, float] = {}  # share of missing values by column
    shares: dict[str, dict[str, float]] = {}  # `category`, `hour`, `weekday`, `mix.<column>`, `spread.<column>`

    @property
    def was_let_through(self) -> bool:
        """Whether the run has an analysis and may stand in a baseline."""
        return self.status in ("passed", "warned")

    @property
    def numbers(self) -> dict[str, float]:
        """Every single number by name, for comparing one by one."""
        read = self.rows.read
        counted = {"read": float(read), "accepted": float(self.rows.accepted)}
        if read:
            counted["rejected_share"] = self.rows.dead / read
            counted["duplicate_share"] = self.rows.duplicate / read
        missing = {f"missing.{column}": share for column, share in self.missing.items()}
        return counted | self.totals | missing


class NumberChange(Frozen):
    """One number, held against the run before and against the baseline."""

    name: str
    now: float
    before: float | None
    median: float | None = None  # of the baseline
    deviations: float | None = None  # from that median, in robust deviations; with a sign
    history: tuple[float, ...] = ()  # the baseline's values, the oldest first
    has_drifted: bool = False

    @property
    def change(self) -> float | None:
        """How much more than before, as a share; None where that means nothing."""
        return None if not self.before else self.now / self.before - 1


class ShareChange(Frozen):
    """One distribution, held against the baseline (or, without one, the run before)."""

    name: str
    psi: float  # population stability index: 0 equal, 0.1 a little, 0.2 clearly different
    gained: str | None  # whose share grew most, and from what to what
    gained_from: float
    gained_to: float
    appeared: tuple[str, ...] = ()  # values that were not there before, the most frequent first
    vanished: tuple[str, ...] = ()
    has_drifted: bool = False


class Comparison(Frozen):
    """A run beside those before it."""

    previous: str | None  # run id
    previous_at: datetime | None
    is_same_input: bool = False
    is_same_rules: bool = True  # contract and suite
    baseline_runs: int = 0
    is_judged: bool = False  # whether there are runs enough to speak of drift
    numbers: tuple[NumberChange, ...] = ()
    shares: tuple[ShareChange, ...] = ()
    reasons: dict[str, tuple[int, int]] = Field(default_factory=dict)  # dead letters before and now, where they differ
    age_hours: float | None = None  # of the newest row when the run started
    is_stale: bool = False

    @property
    def drifted(self) -> tuple[NumberChange | ShareChange, ...]:
        """All that has drifted."""
        numbers = tuple(one for one in self.numbers if one.has_drifted)
        return (*numbers, *(one for one in self.shares if one.has_drifted))

    @property
    def has_drifted(self) -> bool:
        """Whether anything is so far off that the contract's policy applies."""
        return bool(self.drifted)
