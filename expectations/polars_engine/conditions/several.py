"""Row rules about two columns, or about several at once."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import add

import polars as pl

from expectations.polars_engine.conditions.literals import members
from expectations.polars_engine.conditions.subject import Subject


def pair_is_equal(subject: Subject) -> pl.Expr:
    """Both columns hold the same value; a missing value equals nothing."""
    return _same(subject, 0, 1) & subject.value.is_not_null()


def first_is_greater(subject: Subject) -> pl.Expr:
    """The first column is above the second (or equal to it, where that is allowed)."""
    first, second = subject.values
    return first >= second if subject.options.get("or_equal") else first > second


def pair_is_in_set(subject: Subject) -> pl.Expr:
    """The two values, missing ones too, are one of the pairs given."""
    pairs = subject.options.get("value_pairs_set")
    if pairs is None:
        return pl.lit(value=True)
    return pl.any_horizontal([pl.lit(value=False), *(_is_pair(subject, tuple(pair)) for pair in pairs)])


def all_are_equal(subject: Subject) -> pl.Expr:
    """All columns hold the same value; missing ones are equal to each other."""
    return pl.all_horizontal(_same(subject, 0, other) for other in range(1, len(subject.values)))


def sum_equals(subject: Subject) -> pl.Expr:
    """The values add up to the total; with one missing they do not."""
    return reduce(add, subject.values).eq(subject.options["sum_total"])


def all_differ(subject: Subject) -> pl.Expr:
    """No two columns hold the same value; two missing ones are the same."""
    return pl.all_horizontal(~_same(subject, *two) for two in combinations(range(len(subject.values)), 2))


def _same(subject: Subject, one: int, other: int) -> pl.Expr:
    """Two columns hold the same value, or both none. Values of different kinds are never the same."""
    first, second = subject.values[one], subject.values[other]
    if _kind(subject.dtypes[one]) == _kind(subject.dtypes[other]):
        return first.eq_missing(second)
    return first.is_null() & second.is_null()


def _kind(dtype: pl.DataType) -> object:
    """Types whose values can be compared with each other have one kind."""
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return "text"
    if isinstance(dtype, pl.Datetime | pl.Date):
        return "moment", getattr(dtype, "time_zone", None)
    return dtype


def _is_pair(subject: Subject, pair: tuple[object, ...]) -> pl.Expr:
    return pl.all_horizontal(
        _is_value(value, wanted, dtype)
        for value, wanted, dtype in zip(subject.values, pair, subject.dtypes, strict=True)
    )


def _is_value(value: pl.Expr, wanted: object, dtype: pl.DataType) -> pl.Expr:
    if wanted is None:
        return value.is_null()
    known = members([wanted], dtype)
    return value.eq_missing(pl.lit(known)) if len(known) else pl.lit(value=False)
