"""Analyze one batch: accepted rows in, small result tables out, the same to the last digit on every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from expectations.contract import ColumnType, Contract
from expectations.errors import UsageError
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import open_engine
from tasks.analyze.tabulate import result_tables
from tasks.artifacts import ArtifactStore
from tasks.landed import as_landed, landed_schema
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
    contract = as_landed(contract, accepted)
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
