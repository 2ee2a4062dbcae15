"""One frame through one genuine Great Expectations checkpoint, and the rows that fail split off in the same pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import great_expectations as gx
import polars as pl
from great_expectations.checkpoint import Checkpoint
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.core.validation_definition import ValidationDefinition
from great_expectations.expectations.expectation import Expectation

from expectations.polars_engine.context import ephemeral_context, error_in
from expectations.polars_engine.data_docs import make_local, site_config
from expectations.polars_engine.domain import columns_of
from expectations.polars_engine.engine import PolarsExecutionEngine
from expectations.polars_engine.failed_rows import FailedRows, failed_list, write_failed_rows
from expectations.polars_engine.metrics.rows import MASK
from expectations.polars_engine.rules import (
    RowRule,
    columns_in,
    conditions_of,
    row_expectations,
    rules_of,
    sentence_of,
    severity_of,
)
from expectations.polars_engine.unread_rows import UnreadRows, write_unread_rows
from expectations.polars_engine.values import Condition

MAX_RULES = 1 << 16
_SITE = "data_docs"
_SHOWN_ROWS = 20


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation.

    Attributes:
        expectation_id: its id.
        expectation_type: such as `expect_column_values_to_be_between`.
        columns: the columns it is about; none for one about the table.
        severity: critical, warning or info.
        is_met: Great Expectations' verdict, `mostly` included. False where it could not be computed.
        checked: rows it looked at; None for an aggregate.
        unexpected: rows that failed it; None for an aggregate.
        sentence: what is expected, for people; holds no cell values.
        observed: the observed value as text; None for a row rule.
        error: why it could not be computed.
    """

    expectation_id: str
    expectation_type: str
    columns: tuple[str, ...]
    severity: str
    is_met: bool
    sentence: str
    checked: int | None = None
    unexpected: int | None = None
    observed: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class CheckResult:
    """What a checkpoint found in one frame.

    Attributes:
        result: Great Expectations' own validation result.
        rules: the row rules, in the order of the suite.
        outcomes: one for each expectation, in the order of the suite.
        rejected_path: Parquet with every row that fails any row rule.
        data_docs_index: the start page of the Data Docs, where they were asked for.
    """

    result: ExpectationSuiteValidationResult
    rules: tuple[RowRule, ...]
    outcomes: tuple[Outcome, ...]
    rejected_path: Path
    data_docs_index: Path | None


def check_frame(
    frame: pl.LazyFrame,
    suite: gx.ExpectationSuite,
    *,
    keep: Sequence[str],
    rejected_path: Path,
    data_docs_dir: Path | None,
    name: str = "batch",
    suite_parameters: Mapping[str, Any] | None = None,
    masked_columns: Collection[str] = (),
    hidden_columns: Collection[str] = (),
    unread_rows: UnreadRows | None = None,
    known_unique: Collection[Collection[str]] = (),
    code_prefix: str = "gate_",
    failed_column: str = "failed",
) -> CheckResult:
    """Check a frame once, with a stock checkpoint in a data context of its own.

    Args:
        frame: the batch; scanned a few times, streaming, never held in memory.
        suite: as `load_suite` gives it.
        keep: columns that tell rows apart; samples in the result name rows by them. With none, by their number.
        rejected_path: gets all columns of every row that fails any row rule, and `failed_column`: List(UInt16), the
            indices of the rules that it fails, in the order of the suite. (Columns that begin with `__gx_` are flags.)
        data_docs_dir: gets the Data Docs, which need no network; None for none.
        name: of the batch, in the Data Docs.
        suite_parameters: values of `$PARAMETER`s.
        masked_columns: their values are shown nowhere.
        hidden_columns: no part of the table that expectations are about, such as those in `keep` that the caller added.
        unread_rows: rows that are no part of the batch, of which the row rules are asked all the same.
        known_unique: sets of columns of which no two rows have the same values, missing ones taken for equal; this is
            not looked into again.
        code_prefix: stands before the codes that are made from an expectation's type.
        failed_column: another name for `failed`, where the data has a column of that name.

    Raises:
        ValueError: the frame has a column of `failed_column`'s name, lacks one of `keep`, or there are too many rules.
    """
    schema = frame.collect_schema()
    _refuse(schema, keep, failed_column, suite)
    run = _Run(
        frame,
        suite,
        dict(suite_parameters or {}),
        rejected_path,
        failed_column,
        frozenset(masked_columns),
        frozenset(hidden_columns),
        tuple(frozenset(key) for key in known_unique),
    )
    context = ephemeral_context()
    result = _run_checkpoint(context, run, list(keep), data_docs_dir, name)
    if run.failed is None:
        run.write_none()
    if unread_rows is not None:
        write_unread_rows(unread_rows, run.conditions, keep, failed_column)
    index = None if data_docs_dir is None else make_local(data_docs_dir)
    outcomes = tuple(_outcomes(list(suite.expectations), result))
    rules = rules_of(suite, code_prefix)
    _agree(rules, outcomes, run)
    return CheckResult(result, rules, outcomes, rejected_path, index)


@dataclass
class _Run:
    """What the engine must know to write the rejected rows in the pass that it makes anyway."""

    frame: pl.LazyFrame
    suite: gx.ExpectationSuite
    parameters: dict[str, Any]
    rejected_path: Path
    failed_column: str
    masked_columns: frozenset[str]
    hidden_columns: frozenset[str]
    known_unique: tuple[frozenset[str], ...]
    failed: FailedRows | None = None
    conditions: Sequence[Condition | None] = ()

    def prepare(self, engine: PolarsExecutionEngine) -> None:
        engine.masked_columns = self.masked_columns
        engine.hidden_columns = self.hidden_columns
        engine.known_unique = self.known_unique

        def write(frame: pl.LazyFrame, conditions: Sequence[Condition], _: Sequence[str]) -> FailedRows:
            batch_id = str(engine.batch_manager.active_batch_data_id)
            rules = conditions_of(engine, batch_id, row_expectations(self.suite), self.parameters)
            # In the order of the suite: Great Expectations asks in another order each time.
            ordered = sorted(conditions, key=rules.index)
            self.failed = write_failed_rows(
                frame, ordered, self.rejected_path, rules=rules, failed_column=self.failed_column
            )
            self.conditions = rules
            return self.failed

        engine.failed_pass.write_next = write

    def write_none(self) -> None:
        """No row rule was asked about, so no row fails one."""
        empty = self.frame.head(0).with_columns(failed_list([]).alias(self.failed_column))
        empty.sink_parquet(self.rejected_path, mkdir=True)


def _refuse(schema: pl.Schema, keep: Sequence[str], failed_column: str, suite: gx.ExpectationSuite) -> None:
    if failed_column in schema:
        raise ValueError(f"the frame has a column named {failed_column!r}: give another name as failed_column")
    missing = [name for name in keep if name not in schema]
    if missing:
        raise ValueError(f"keep names columns that the frame does not have: {', '.join(missing)}")
    if len(suite.expectations) > MAX_RULES:
        raise ValueError(f"a suite may have {MAX_RULES} expectations, this one has {len(suite.expectations)}")


def _run_checkpoint(
    context: Any, run: _Run, keep: list[str], data_docs_dir: Path | None, name: str
) -> ExpectationSuiteValidationResult:
    source = context.data_sources.add_polars("polars")
    source.prepare_engines(run.prepare)
    batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    definition = ValidationDefinition(name=name, data=batch, suite=_add_suite(context, run.suite))
    checkpoint = Checkpoint(
        name=name,
        validation_definitions=[context.validation_definitions.add(definition)],
        result_format=_result_format(keep),
    )
    done = context.checkpoints.add(checkpoint).run(
        batch_parameters={"dataframe": run.frame}, expectation_parameters=run.parameters
    )
    ((key, result),) = done.run_results.items()
    if run.masked_columns:
        _mask(result, run.masked_columns)
        context.validation_results_store.set(key, result)
    if data_docs_dir is not None:
        context.add_data_docs_site(_SITE, site_config(data_docs_dir))
        context.build_data_docs(site_names=[_SITE])
    return result


def _add_suite(context: Any, suite: gx.ExpectationSuite) -> gx.ExpectationSuite:
    """The suite as the context has it, under its own ids.

    Adding gives every expectation a new id, in the suite that was passed as well; saving keeps what is there.
    """
    ids = [expectation.id for expectation in suite.expectations]
    added: gx.ExpectationSuite = context.suites.add(suite)
    for expectations in (suite.expectations, added.expectations):
        for expectation, kept in zip(expectations, ids, strict=True):
            expectation.id = kept
    added.save()
    return added


def _mask(result: ExpectationSuiteValidationResult, masked: frozenset[str]) -> None:
    """Take out what an aggregate shows of masked columns; the engine masks the samples of row rules."""
    for one in result.results:
        if masked.intersection(columns_of(one.expectation_config.kwargs)):
            is_row_result = "partial_unexpected_index_list" in one.result
            shown = [] if is_row_result else [key for key in one.result if not key.endswith(("_count", "_percent"))]
            one.result.update(dict.fromkeys(shown, MASK))


def _result_format(keep: list[str]) -> dict[str, Any]:
    result_format: dict[str, Any] = {"result_format": "SUMMARY", "partial_unexpected_count": _SHOWN_ROWS}
    return result_format | ({"unexpected_index_column_names": keep} if keep else {})


def _outcomes(expectations: list[Expectation], result: ExpectationSuiteValidationResult) -> list[Outcome]:
    by_id = {str(one.expectation_config.id): one for one in result.results}
    return [_outcome(expectation, by_id[str(expectation.id)]) for expectation in expectations]


def _outcome(expectation: Expectation, found: ExpectationValidationResult) -> Outcome:
    values = found.result or {}
    columns = columns_in(expectation)
    observed = values.get("observed_value")
    total = values.get("element_count")
    return Outcome(
        expectation_id=str(expectation.id),
        expectation_type=expectation.expectation_type,
        columns=columns,
        severity=severity_of(expectation),
        is_met=bool(found.success),
        sentence=sentence_of(expectation),
        checked=None if total is None else total - (values.get("missing_count") or 0),
        unexpected=values.get("unexpected_count"),
        observed=None if observed is None else str(observed),
        error=error_in(found),
    )


def _agree(rules: Sequence[RowRule], outcomes: Sequence[Outcome], run: _Run) -> None:
    """What was counted for the verdict is what was split off, rule by rule."""
    counted = {outcome.expectation_id: outcome.unexpected for outcome in outcomes if outcome.error is None}
    for rule, condition in zip(rules, run.conditions, strict=False):
        if rule.expectation_id in counted:
            split_off = run.failed.count(condition) if run.failed and condition else None
            assert counted[rule.expectation_id] == split_off, f"{rule} counted and split off differently"
