"""Plain columns: what every engine's loader makes of the contract's columns, so that one definition fits all engines.

Integers, decimals, booleans, dates and datetimes become Int64 counted in steps (a cent, a microsecond): integers add up
exactly in any order. Floats stay Float64, without NaN, infinities and negative zero. Text stays text.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import polars as pl

from expectations.contract import Column, ColumnType, Contract, DurationUnit

SECOND = 1_000_000  # in microseconds, like all times here
HOUR = 3600 * SECOND
DAY = 24 * HOUR

SECONDS_PER_UNIT: dict[DurationUnit, Fraction] = {
    DurationUnit.MICROSECONDS: Fraction(1, 1_000_000),
    DurationUnit.MILLISECONDS: Fraction(1, 1_000),
    DurationUnit.SECONDS: Fraction(1),
    DurationUnit.MINUTES: Fraction(60),
    DurationUnit.HOURS: Fraction(3600),
}


class Kind(StrEnum):
    """How a plain column is held."""

    STEPS = "steps"
    FLOAT = "float"
    TEXT = "text"


def kind_of(column: Column) -> Kind:
    """How the loaders hold a column of the contract."""
    if column.type == ColumnType.STRING:
        return Kind.TEXT
    return Kind.FLOAT if column.type == ColumnType.FLOAT else Kind.STEPS


def step_of(column: Column) -> Fraction:
    """What one step of a plain column is worth in the column's own unit (times: microseconds)."""
    return Fraction(1, 10**column.scale) if column.type == ColumnType.DECIMAL else Fraction(1)


def is_number(column: Column) -> bool:
    """Whether a mean of this column means something."""
    return column.type in (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT, ColumnType.BOOLEAN)


def is_measured(contract: Contract, name: str) -> bool:
    """Whether a column of the contract is a quantity: a number, and not one that only names an entity."""
    types = (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT)
    return contract.columns[name].type in types and name != contract.roles.entity


def is_time(column: Column) -> bool:
    """Whether this column says when."""
    return column.type in (ColumnType.DATETIME, ColumnType.DATE)


def as_text(column: Column, values: pl.Series) -> pl.Series:
    """Plain values as a person writes them."""
    match column.type:
        case ColumnType.STRING:
            return values.cast(pl.String)
        case ColumnType.DECIMAL:
            steps = values.cast(pl.Int64).to_list()
            texts = [None if step is None else str(Decimal(step).scaleb(-column.scale)) for step in steps]
            return pl.Series(values.name, texts, dtype=pl.String)
        case ColumnType.BOOLEAN:
            return values.cast(pl.Int64).replace_strict({1: "true", 0: "false"}, default=None, return_dtype=pl.String)
        case ColumnType.DATE:
            return (values.cast(pl.Int64) // DAY).cast(pl.Int32).cast(pl.Date).cast(pl.String)
        case ColumnType.DATETIME:
            shown = values.cast(pl.Int64).cast(pl.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M:%S%.f")
            return shown + "Z" if column.time_zone else shown
        case _:
            return values.cast(pl.String)
