"""Tests that cost more than telling texts apart, made once for each distinct text of a block of rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

import polars as pl

_SAMPLED_ROWS = 1_000
_FEW_DISTINCT = 250  # among the sampled rows
_FEW_TEXTS = 8  # to compare with one by one, which is cheaper than to look them up


def by_distinct(value: pl.Expr, test: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """A test of each value, made of the distinct ones where a text column repeats the same few.

    Args:
        value: what is tested.
        test: from values to booleans, null where a value is missing; a value's answer depends on nothing else.
    """
    return value.map_batches(
        lambda values: _tested(values, test) if _repeats(values) else test(values),
        return_dtype=pl.Boolean,
        is_elementwise=True,
    )


def each(value: pl.Expr, test: Callable[[Any], bool]) -> pl.Expr:
    """A Python test of each value that is there. Slow: a microsecond and more for each distinct one."""
    return by_distinct(value, lambda values: values.map_elements(test, return_dtype=pl.Boolean, skip_nulls=True))


def is_one_of(value: pl.Expr, known: pl.Series) -> pl.Expr:
    """Whether a value is one of those known; null where it is missing."""
    if known.dtype == pl.String and 0 < len(known) <= _FEW_TEXTS:
        return pl.any_horizontal(value == text for text in known)
    return value.is_in(known.implode()) if len(known) else pl.lit(value=False)


def _repeats(values: pl.Series) -> bool:
    return values.dtype == pl.String and values.head(_SAMPLED_ROWS).n_unique() <= _FEW_DISTINCT


def _tested(values: pl.Series, test: Callable[[pl.Series], pl.Series]) -> pl.Series:
    distinct = values.unique().drop_nulls()
    is_met = test(distinct)
    failing = distinct.filter(~is_met)
    if len(failing) > _FEW_TEXTS:
        return values.is_in(distinct.filter(is_met).implode())
    is_there = values.str.len_bytes() >= 0  # null where missing
    return reduce(and_, (values != text for text in failing), is_there)
