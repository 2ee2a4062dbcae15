"""Which rows of a batch an expectation looks at: row conditions and `ignore_row_if`, as expressions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import polars as pl
from great_expectations.expectations.row_conditions import (
    AndCondition,
    ComparisonCondition,
    NullityCondition,
    Operator,
    OrCondition,
    PassThroughCondition,
    deserialize_row_condition,
)

from expectations.polars_engine.conditions.literals import lower, members, upper
from expectations.polars_engine.conditions.subject import is_present, value_of
from expectations.polars_engine.query_language import parse_query

Schema = Mapping[str, pl.DataType]
_IGNORE_ALL_MISSING = ("both_values_are_missing", "all_values_are_missing")
_IGNORE_ANY_MISSING = ("either_value_is_missing", "any_value_is_missing")
_IGNORE_NONE = (None, "neither", "never")


class UnknownColumnError(ValueError):
    """An expectation names a column that the batch does not have."""

    def __init__(self, column: str) -> None:
        super().__init__(f'the column "{column}" does not exist')


def columns_of(domain_kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that an expectation is about."""
    if domain_kwargs.get("column_list"):
        return tuple(domain_kwargs["column_list"])
    if domain_kwargs.get("column"):
        return (domain_kwargs["column"],)
    return tuple(domain_kwargs[key] for key in ("column_A", "column_B") if domain_kwargs.get(key))


def dtype_of(column: str, schema: Schema) -> pl.DataType:
    """A column's type.

    Raises:
        UnknownColumnError: there is no such column.
    """
    if column not in schema:
        raise UnknownColumnError(column)
    return schema[column]


def domain_of(domain_kwargs: Mapping[str, Any], schema: Schema) -> pl.Expr | None:
    """The rows to look at, as an expression that is never null; None stands for all rows."""
    parts = []
    condition = row_condition_of(domain_kwargs.get("row_condition"), schema)
    if condition is not None:
        parts.append(condition)
    present = [is_present(name, dtype_of(name, schema)) for name in columns_of(domain_kwargs)]
    ignored = domain_kwargs.get("ignore_row_if")
    if ignored in _IGNORE_ALL_MISSING:
        parts.append(pl.any_horizontal(present))
    elif ignored in _IGNORE_ANY_MISSING:
        parts.append(pl.all_horizontal(present))
    elif ignored not in _IGNORE_NONE:
        raise ValueError(f"ignore_row_if has no value {ignored!r}")
    return reduce(operator.and_, parts) if parts else None


def row_condition_of(condition: Any, schema: Schema) -> pl.Expr | None:
    """A row condition of Great Expectations as an expression that is never null."""
    if not condition:
        return None
    return _expression(deserialize_row_condition(condition), schema).fill_null(value=False)


def _expression(condition: Any, schema: Schema) -> pl.Expr:
    match condition:
        case ComparisonCondition():
            return comparison(condition, schema)
        case NullityCondition():
            present = is_present(condition.column.name, dtype_of(condition.column.name, schema))
            return ~present if condition.is_null else present
        case AndCondition():
            return pl.all_horizontal(_expression(part, schema) for part in condition.conditions)
        case OrCondition():
            return pl.any_horizontal(_expression(part, schema) for part in condition.conditions)
        case PassThroughCondition():
            return parse_query(condition.pass_through_filter, schema)
        case str():
            return parse_query(condition, schema)
    raise TypeError(f"{type(condition).__name__} is no row condition")


def comparison(condition: ComparisonCondition, schema: Schema) -> pl.Expr:
    """A column compared with a value. As in pandas, a missing value is unequal to everything and in no set."""
    name = condition.column.name
    dtype = dtype_of(name, schema)
    return compare(value_of(name, dtype), str(condition.operator), condition.parameter, dtype)


def compare(value: pl.Expr, sign: str, wanted: Any, dtype: pl.DataType) -> pl.Expr:
    """A value compared with what a suite says, by the sign that stands between them."""
    return _COMPARISONS[Operator(sign)](value, wanted, dtype).fill_null(value=False)


def _is_one_of(value: pl.Expr, wanted: Any, dtype: pl.DataType) -> pl.Expr:
    known = members(wanted, dtype)
    return value.is_in(known.implode()).fill_null(value=False) if len(known) else pl.lit(value=False)


_COMPARISONS: dict[Operator, Callable[[pl.Expr, Any, pl.DataType], pl.Expr]] = {
    Operator.EQUAL: lambda value, wanted, dtype: _is_one_of(value, [wanted], dtype),
    Operator.NOT_EQUAL: lambda value, wanted, dtype: ~_is_one_of(value, [wanted], dtype),
    Operator.IN: _is_one_of,
    Operator.NOT_IN: lambda value, wanted, dtype: ~_is_one_of(value, wanted, dtype),
    Operator.LESS_THAN: lambda value, wanted, dtype: upper(value, wanted, dtype, strict=True),
    Operator.LESS_THAN_OR_EQUAL: lambda value, wanted, dtype: upper(value, wanted, dtype, strict=False),
    Operator.GREATER_THAN: lambda value, wanted, dtype: lower(value, wanted, dtype, strict=True),
    Operator.GREATER_THAN_OR_EQUAL: lambda value, wanted, dtype: lower(value, wanted, dtype, strict=False),
}
