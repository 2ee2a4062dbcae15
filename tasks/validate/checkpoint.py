"""The suite run over a frame: a Great Expectations checkpoint on the Polars engine, told in this pipeline's words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from expectations.contract import Contract
from expectations.errors import UsageError
from tasks.artifacts import ArtifactStore
from tasks.landed import polars_type
from tasks.models import ArtifactRef, RuleResult
from tasks.validate.frames import ROW_KEYS
from tasks.validate.miscast import UNREAD

if TYPE_CHECKING:
    from expectations.polars_engine import Outcome, RowRule

# A rule of this severity is noted: it neither rejects a row nor changes the verdict (docs/decisions/0004).
NOTED_ONLY = "info"


class Checked(NamedTuple):
    """What the checkpoint found."""

    outcomes: tuple[RuleResult, ...]
    row_rules: tuple[RowRule, ...]
    rejected: Path  # scratch Parquet: `__part`, `__line`, `__span`, `failed` (rule indices)
    miscast: Path | None  # the same of the miscast rows, and `unknown`; None where there are none
    data_docs: ArtifactRef

    def remove(self) -> None:
        """Remove what is scratch."""
        for path in (self.rejected, self.miscast):
            if path is not None:
                path.unlink(missing_ok=True)


def load_checked_suite(suite_text: str, contract: Contract, source: str | None = None) -> None:
    """Load a suite only to see that it can be checked.

    Args:
        suite_text: the suite.
        contract: of the dataset.
        source: where people find the suite, if it is not the dataset's own.

    Raises:
        UsageError: it cannot; the message names the expectation.
    """
    from expectations.polars_engine import SuiteError, load_suite  # noqa: PLC0415  (Great Expectations: 5 CPU seconds)

    try:
        load_suite(suite_text, source=source or suite_name(contract), columns=_columns(contract))
    except SuiteError as error:
        raise UsageError(str(error)) from error


def _columns(contract: Contract) -> dict[str, pl.DataType]:
    return {name: polars_type(column) for name, column in contract.columns.items()}


def suite_name(contract: Contract) -> str:
    """Where people find the suite."""
    return f"expectations/{contract.dataset}/suite.json"


def run_checkpoint(
    frame: pl.LazyFrame,
    miscast: pl.LazyFrame | None,
    contract: Contract,
    suite_text: str,
    store: ArtifactStore,
    *,
    known_unique: Sequence[Sequence[str]] = (),
) -> Checked:
    """Run the suite's checkpoint over the frame and keep its Data Docs.

    Args:
        frame: the batch.
        miscast: rows that are no part of it, as `miscast.scan_miscast` gives them: they change no count and no verdict.
        contract: of the dataset.
        suite_text: as Great Expectations writes it.
        store: where Data Docs are kept.
        known_unique: keys that no two rows of the batch share.

    Raises:
        UsageError: the suite is not one, or holds an expectation that cannot be checked.
    """
    from expectations.polars_engine import SuiteError, UnreadRows, check_frame, load_suite  # noqa: PLC0415

    rejected = store.scratch(".parquet")
    unread = None if miscast is None else UnreadRows(miscast, UNREAD, store.scratch(".parquet"))
    results = []

    def check(data_docs: Path) -> None:
        suite = load_suite(suite_text, source=suite_name(contract), columns=_columns(contract))
        result = check_frame(
            frame,
            suite,
            keep=ROW_KEYS,
            rejected_path=rejected,
            data_docs_dir=data_docs,
            name=contract.dataset,
            masked_columns=contract.personal_columns,
            hidden_columns=ROW_KEYS,
            unread_rows=unread,
            known_unique=known_unique,
        )
        results.append(result)

    try:
        data_docs = store.put("", check)
    except SuiteError as error:
        raise UsageError(str(error)) from error
    result = results[0]
    return Checked(
        tuple(_rule_result(one) for one in result.outcomes),
        result.rules,
        rejected,
        unread.path if unread else None,
        data_docs,
    )


def rejecting(rules: Sequence[RowRule]) -> list[int]:
    """The indices of the rules that reject a row."""
    return [rule.index for rule in rules if rule.severity != NOTED_ONLY]


def rejected_rows(checked: Checked) -> pl.LazyFrame:
    """The rows that fail a rule that rejects: `__part`, `__line`, `__span`, `failed`."""
    rejects = pl.col("failed").list.set_intersection(pl.lit(rejecting(checked.row_rules), dtype=pl.List(pl.UInt16)))
    return pl.scan_parquet(checked.rejected).filter(rejects.list.len() > 0)


def _rule_result(outcome: Outcome) -> RuleResult:
    return RuleResult(
        rule_id=outcome.expectation_id,
        expectation_type=outcome.expectation_type,
        columns=tuple(outcome.columns),
        severity=outcome.severity,
        is_met=outcome.is_met,
        sentence=outcome.sentence,
        checked=outcome.checked,
        unexpected=outcome.unexpected,
        observed=outcome.observed,
        error=outcome.error,
    )
