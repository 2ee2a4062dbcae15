"""The schema of landed and accepted Parquet: the contract's columns as Polars types, then where each row came from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.dead_letters.letter import PROVENANCE_SCHEMA

_PLAIN: dict[ColumnType, pl.DataType] = {
    ColumnType.STRING: pl.String(),
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.FLOAT: pl.Float64(),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.DATE: pl.Date(),
}


def polars_type(column: Column) -> pl.DataType:
    """How a column of the contract is landed."""
    if column.type == ColumnType.DECIMAL:
        return pl.Decimal(18, column.scale)
    if column.type == ColumnType.DATETIME:
        return pl.Datetime("us", "UTC" if column.time_zone else None)
    return _PLAIN[column.type]


def landed_schema(contract: Contract) -> pl.Schema:
    """The contract's columns in its order, then `__line` and `__span`."""
    columns = {name: polars_type(column) for name, column in contract.columns.items()}
    return pl.Schema({**columns, **PROVENANCE_SCHEMA})


def with_added(contract: Contract, names: Iterable[str]) -> Contract:
    """A contract with columns that files brought along (`drift: evolve`), as text.

    Nobody has said what is in them, so they are treated as personal: counted, and never shown.
    """
    added = Column(type=ColumnType.STRING, personal=True, description="not in the contract")  # type: ignore[call-arg]  # the rest has defaults
    new = {name: added for name in names if name not in contract.columns}
    return contract.model_copy(update={"columns": {**contract.columns, **new}}) if new else contract


def as_landed(contract: Contract, parts: Iterable[Path]) -> Contract:
    """A contract with the columns that landed or accepted Parquet has beyond it, in the order of the files."""
    names = (name for part in parts for name in pl.read_parquet_schema(part))
    return with_added(contract, (name for name in names if name not in PROVENANCE_SCHEMA))
