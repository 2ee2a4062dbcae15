"""Analyze one batch: accepted rows in, small result tables out, the same to the last digit on every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from expectations.contract import ColumnType, Contract
from expectations.errors import UsageError
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import open_engine
from tasks.analyze.look import Look, first_look
from tasks.analyze.schema import SCHEMAS
from tasks.analyze.tables import distribution, outliers, sessions, summary, totals, trend
from tasks.artifacts import ArtifactStore
from tasks.landed import landed_schema
from tasks.models import Analysis, ArtifactRef, EngineName

OnProgress = Callable[[str], None]  # told the name of each table when it is made

_COUNTED = (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT)
_TIMED = (ColumnType.DATETIME, ColumnType.DATE)


def analyze_batch(
    accepted: Sequence[Path],
    contract: Contract,
    engine: EngineName,
    store: ArtifactStore,
    on_progress: OnProgress | None = None,
) -> Analysis:
    """Make the result tables of one batch.

    Args:
        accepted: Parquet files of accepted rows, as validate writes them; none or empty ones give empty tables.
        contract: the dataset's contract; a role it leaves out switches its tables off (docs/tables.md).
        engine: what does the work.
        store: where the tables are put.
        on_progress: called with the name of each table when it is made.

    Raises:
        UsageError: a role is played by a column of a type that cannot play it.
    """
    _check_roles(contract)
    nothing = store.scratch(".parquet")
    try:
        if not accepted:
            pl.DataFrame(schema=landed_schema(contract)).write_parquet(nothing)
        opened = open_engine(engine, accepted or [nothing], contract)
        try:
            made = result_tables(BatchFrame(opened, contract), on_progress)
        finally:
            opened.close()
    finally:
        nothing.unlink(missing_ok=True)
    return Analysis(engine=engine, tables={name: _keep(table, store) for name, table in made.items()})


def result_tables(batch: BatchFrame, on_progress: OnProgress | None = None) -> dict[str, pl.DataFrame]:
    """Every table that the contract's roles allow, in the order of `SCHEMAS`."""
    made: dict[str, pl.DataFrame] = {}

    def keep(name: str, table: pl.DataFrame) -> None:
        made[name] = table
        if on_progress is not None:
            on_progress(name)

    roles = batch.contract.roles
    look = first_look(batch)
    metrics = sessions.session_metrics(batch, look) if roles.entity is not None else None
    if metrics is not None:
        keep("session_metrics", sessions.written(metrics))
    counted = distribution.event_distribution(batch, look) if roles.category is not None else None
    if counted is not None:
        keep("event_distribution", distribution.written(counted))
        keep("event_distribution_test", distribution.event_distribution_test(counted, look))
    if look.outlier_scales:
        bounds, listed = outliers.outlier_tables(batch, look, metrics, counted)
        keep("outlier_bounds", bounds)
        keep("outliers", listed)
    for name, table in _trends(batch, look).items():
        keep(name, table)
    keep("column_summary", summary.column_summary(batch, look))
    keep("batch_totals", totals.batch_totals(look, made))
    return {name: made[name] for name in SCHEMAS if name in made}


def _trends(batch: BatchFrame, look: Look) -> dict[str, pl.DataFrame]:
    start = batch.contract.roles.start
    if start is None:
        return {}
    trends = {"daily_trend": trend.daily_trend(batch, look)}
    if batch.contract.columns[start].type == ColumnType.DATETIME:
        trends["hourly_trend"] = trend.hourly_trend(batch, look)
    return trends


def _keep(table: pl.DataFrame, store: ArtifactStore) -> ArtifactRef:
    def write(path: Path) -> int:
        table.write_parquet(path)
        return table.height

    return store.put(".parquet", write)


def _check_roles(contract: Contract) -> None:
    can_play = {"start": _TIMED, "end": _TIMED, "duration": _COUNTED, "value": _COUNTED}
    for role, name in contract.roles.columns().items():
        allowed = can_play.get(role)
        column = contract.columns[name]
        if allowed is not None and column.type not in allowed:
            types = ", ".join(allowed)
            raise UsageError(
                f"dataset {contract.dataset}: roles.{role} is the column {name!r} of type {column.type}; "
                f"it must be one of {types}"
            )
