"""What a replay is asked for, and what came of it."""

from __future__ import annotations

import hashlib
from argparse import Namespace
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from flows.letter_options import filters_of
from flows.parameters import Place
from tasks.dead_letters.models import Filters
from tasks.models import Frozen


class ReplayParameters(Place):
    """Which open dead letters are sent through the gate again, and how. What is left empty does not restrict."""

    model_config = ConfigDict(title="Replay")

    id: tuple[str, ...] = Field(default=(), title="Ids", description="Ids of dead letters, or their beginnings.")
    file: str | None = Field(default=None, title="File", description="Part of the file's address, or a glob.")
    reason: str | None = Field(default=None, title="Reason", description="A reason code, such as cast_integer.")
    column: str | None = Field(default=None, title="Column", description="The column a reason names.")
    rule: str | None = Field(default=None, title="Rule", description="The expectation's id.")
    stage: Literal["parse", "cast", "gate"] | None = Field(default=None, title="Stage")
    run: str | None = Field(default=None, title="Run", description="The run that saw them first or last.")
    older_than: str | None = Field(default=None, title="Older than", description="First seen so long ago, such as 7d.")
    newer_than: str | None = Field(default=None, title="Newer than", description="First seen since then.")
    repair: tuple[str, ...] = Field(
        default=(),
        title="Repairs",
        description="Names of repairs, such as epoch:column=session_start,unit=ms; of several, the first that applies.",
    )
    dry_run: bool = Field(default=False, title="Dry run", description="Say what would be released, and record nothing.")

    def filters(self, dataset: str) -> Filters:
        """The letters that are meant."""
        return filters_of(Namespace(**self.model_dump() | {"dataset": dataset}), datetime.now(UTC))

    def request(self, dataset: str, *digests: str) -> str:
        """What is asked for, as a digest: the same words under the same contract, suite and repairs."""
        said = self.model_dump_json(exclude={*Place.model_fields, "dry_run"})
        return hashlib.sha256("\0".join([dataset, said, *digests]).encode()).hexdigest()


class Example(Frozen):
    """A letter before and after its repair, masked."""

    id: str
    before: str
    after: str
    is_released: bool


class Outcome(Frozen):
    """What a replay did, or would do."""

    dataset: str
    chosen: int = 0
    released: int = 0
    refused: dict[str, int] = Field(default={}, description="tried and not released, by reason code")
    not_tried: dict[str, int] = Field(default={}, description="letters that could not be tried, by why")
    examples: tuple[Example, ...] = ()
    restated: tuple[str, ...] = Field(default=(), description="run ids of the new versions")
    resumed: bool = Field(default=False, description="an earlier, interrupted replay of the same was finished")
    dry_run: bool = False

    def stored(self) -> dict[str, Any]:
        """The part that is kept in the table: no text of any record."""
        return self.model_dump(mode="json", exclude={"examples", "restated", "resumed", "dry_run"})
