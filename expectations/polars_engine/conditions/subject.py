"""What a row rule is asked about: columns of a batch, read the way Great Expectations reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Subject:
    """The columns a rule looks at and the options it was given.

    Attributes:
        names: the columns.
        values: their values, NaN read as missing.
        dtypes: their types.
        options: the expectation's own arguments.
        domain: boolean expression: the rows the rule looks at.
        facts: what was computed over the domain beforehand, by name (the mean, the quartiles).
    """

    names: tuple[str, ...]
    values: tuple[pl.Expr, ...]
    dtypes: tuple[pl.DataType, ...]
    options: Mapping[str, Any]
    domain: pl.Expr
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> pl.Expr:
        """The value of the first (often only) column."""
        return self.values[0]

    @property
    def value_in_domain(self) -> pl.Expr:
        """The value of the first column, null in the rows that the rule does not look at: for tests that are dear."""
        return pl.when(self.domain).then(self.value)

    @property
    def dtype(self) -> pl.DataType:
        """The type of the first (often only) column."""
        return self.dtypes[0]


def value_of(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column's values. NaN is missing, as it is for Great Expectations on pandas."""
    return pl.col(name).fill_nan(None) if dtype.is_float() else pl.col(name)


def is_present(name: str, dtype: pl.DataType) -> pl.Expr:
    """Whether a column has a value; never null."""
    column = pl.col(name)
    return column.is_not_null() & column.is_not_nan() if dtype.is_float() else column.is_not_null()
