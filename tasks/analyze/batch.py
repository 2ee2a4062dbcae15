"""Analyze one batch: accepted rows in, small result tables out, the same to the last digit on every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from expectations.contract import ColumnType, Contract
from expectations.errors import UsageError
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import open_engine
from tasks.analyze.schemas import SCHEMAS
from tasks.analyze.tabulate import result_tables
from tasks.artifacts import ArtifactStore
from tasks.landed import as_landed, landed_schema
from tasks.models import Analysis, ArtifactRef, EngineName
from tasks.one_ahead import one_ahead

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
            kept = _kept(BatchFrame(opened, contract), store, on_progress)
        finally:
            opened.close()
    finally:
        nothing.unlink(missing_ok=True)
    return Analysis(engine=engine, tables={name: kept[name] for name in SCHEMAS if name in kept})


def _kept(batch: BatchFrame, store: ArtifactStore, on_progress: OnProgress | None) -> dict[str, ArtifactRef]:
    """Make each table, and put it away before the next is made."""
    kept = {}
    for name, table in result_tables(batch):
        kept[name] = store.put(".parquet", partial(_write, name, table))
        if on_progress is not None:
            on_progress(name)
    return kept


def _write(name: str, table: pl.DataFrame | Iterator[pl.DataFrame], path: Path) -> int:
    """Write a table, or the parts of one as they are made."""
    rows = 0
    schema = SCHEMAS[name].to_frame().to_arrow().schema
    # A dictionary of sums and means, which hardly repeat, costs more than it saves.
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
        for part in [table] if isinstance(table, pl.DataFrame) else one_ahead(table):
            writer.write_table(part.to_arrow().cast(writer.schema))
            rows += part.height
    return rows


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
