"""The schema of landed and accepted Parquet: the contract's columns as Polars types, then where each row came from."""

from __future__ import annotations

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
