"""Metrics of one value (or a short list) about one column."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import polars as pl
from great_expectations.expectations.metrics.column_aggregate_metrics.column_outlier_statistics import OutlierStatistics

from expectations.polars_engine import private
from expectations.polars_engine.compile import compile_condition
from expectations.polars_engine.conditions.column import length
from expectations.polars_engine.conditions.literals import members
from expectations.polars_engine.conditions.subject import value_of
from expectations.polars_engine.domain import domain_of, dtype_of
from expectations.polars_engine.metrics.register import Asked, register
from expectations.polars_engine.values import Aggregate, Condition

_MAX_DISTINCT_VALUES = 20
_INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")
# Great Expectations makes these out of other metrics, in the same way on every engine.
_COMBINED = (
    "column.descriptive_stats",
    "column.non_null_proportion",
    "column.partition",
    "column.unique_proportion",
    "column_values.match_regex.count",
    "column_values.nonnull.count",
    "column_values.not_match_regex.count",
    "column_values.null.count",
)


def register_aggregates() -> None:
    """Register all of them."""
    for name, function in _METRICS.items():
        register(name, function)
    for name in _COMBINED:
        provider, function = private.REGISTERED_METRICS[name]["providers"]["PandasExecutionEngine"]
        private.share(name, provider, function)


def _over(make: Callable[[pl.Expr, pl.DataType], pl.Expr], finish: Callable[[Any], Any] = lambda v: v) -> Any:
    """A metric that is one expression over the column's values in the domain."""

    def metric(asked: Asked) -> Aggregate:
        values, dtype = _values(asked)
        return Aggregate((make(values, dtype),), finish)

    return metric


def _values(asked: Asked) -> tuple[pl.Expr, pl.DataType]:
    """The column's values in the domain, and their type."""
    schema = asked.engine.schema(asked.domain_kwargs)
    name = asked.domain_kwargs["column"]
    dtype = dtype_of(name, schema)
    domain = domain_of(asked.domain_kwargs, schema)
    values = value_of(name, dtype)
    return (values if domain is None else values.filter(domain)), dtype


def _column(asked: Asked) -> tuple[pl.LazyFrame, pl.DataType]:
    """The values that are there, as a frame of one column, `value`, and their type."""
    name = asked.domain_kwargs["column"]
    dtype = dtype_of(name, asked.engine.schema(asked.domain_kwargs))
    values = asked.engine.get_domain_records(asked.domain_kwargs).select(value=value_of(name, dtype)).drop_nulls()
    return values, dtype


def _numbers(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if not (dtype.is_numeric() or isinstance(dtype, pl.Boolean | pl.Null)):
        raise TypeError(f"a {dtype} column has no such number")
    return values if dtype.is_integer() or dtype.is_float() else values.cast(pl.Float64)


def _mean(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return values.mean() if dtype.is_temporal() else _numbers(values, dtype).mean()


def _median(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return values.median() if dtype.is_temporal() else _numbers(values, dtype).median()


def _deviation(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return _numbers(values, dtype).std()


def _sum(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whole numbers and decimals add up exactly; small integers are widened so that they cannot overflow."""
    if isinstance(dtype, pl.Duration):
        return values.sum()
    if dtype.is_integer():
        return values.cast(pl.Int128).sum()
    return values.sum() if dtype.is_decimal() else _numbers(values, dtype).sum()


def _quantiles(asked: Asked) -> Aggregate:
    values, dtype = _values(asked)
    interpolation: Any = asked.value_kwargs.get("allow_relative_error") or "nearest"
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(f"allow_relative_error must be one of {', '.join(_INTERPOLATIONS)}, not {interpolation!r}")
    numbers = values if dtype.is_temporal() else _numbers(values, dtype)
    wanted = list(asked.value_kwargs["quantiles"])
    found = [_nearest(numbers, q) if interpolation == "nearest" else numbers.quantile(q, interpolation) for q in wanted]
    return Aggregate(tuple(found), lambda *values: list(values))


def _nearest(numbers: pl.Expr, share: float) -> pl.Expr:
    """The value nearest to a quantile. Half-way between two it is the one of even rank, as in numpy and pandas."""
    rank = ((numbers.count() - 1) * share).round(mode="half_to_even")
    return numbers.drop_nulls().sort().get(rank.cast(pl.Int64), null_on_oob=True)


def _distinct_values(asked: Asked) -> set[Any]:
    values, _ = _column(asked)
    return set(asked.engine.collect(values.unique()).to_series().to_list())


def _value_counts(asked: Asked) -> Any:
    """How often each value occurs, as the pandas Series that Great Expectations works on."""
    values, _ = _column(asked)
    sort = asked.value_kwargs.get("sort") or "value"
    if sort not in ("value", "count", "none"):
        raise ValueError("sort must be either 'value', 'count', or 'none'")
    if asked.value_kwargs.get("collate") is not None:
        raise ValueError("collate is not supported on Polars")
    counted = asked.engine.collect(values.group_by("value").agg(count=pl.len()))
    ordered = counted.sort("value") if sort == "value" else counted.sort("count", "value", descending=[True, False])
    return ordered.to_pandas().set_index("value")["count"]


def _most_common(asked: Asked) -> list[Any]:
    values, _ = _column(asked)
    counted = values.group_by("value").agg(rows=pl.len())
    modes = counted.filter(pl.col("rows") == pl.col("rows").max()).select("value")
    return asked.engine.collect(modes).to_series().sort().to_list()


def _histogram(asked: Asked) -> Aggregate:
    """How many values lie in each bin; only the last one holds its upper edge."""
    values, dtype = _values(asked)
    numbers = values if dtype.is_temporal() else _numbers(values, dtype)
    edges = list(asked.value_kwargs["bins"])
    last = len(edges) - 2
    inside = tuple(
        ((numbers >= low) & ((numbers <= high) if number == last else (numbers < high))).sum()
        for number, (low, high) in enumerate(pairwise(edges))
    )
    return Aggregate(inside, lambda *found: [int(count or 0) for count in found])


def _not_in_set(asked: Asked) -> pl.DataFrame:
    """The distinct values that are in the column and not in the set."""
    values, dtype = _column(asked)
    known = members(asked.value_kwargs.get("value_set") or [], dtype)
    return asked.engine.collect(values.unique().filter(~pl.col("value").is_in(known.implode())))


def _missing_from_column(asked: Asked) -> list[Any]:
    """The values of the set that no row has, in the set's order."""
    wanted = list(dict.fromkeys(v for v in asked.value_kwargs.get("value_set") or [] if v is not None))
    values, dtype = _column(asked)
    known = members(wanted, dtype)
    there = asked.engine.collect(values.filter(pl.col("value").is_in(known.implode())).unique()).to_series()
    return [value for value in wanted if not there.is_in(members([value], dtype).implode()).any()]


def _between_count(asked: Asked) -> Aggregate:
    condition = compile_condition(asked.engine, "column_values.between", asked.domain_kwargs, asked.value_kwargs)
    assert isinstance(condition, Condition)
    within = ~condition.failed if condition.domain is None else condition.domain & ~condition.failed
    return Aggregate((within.sum(),), int)


def _outlier_statistics(asked: Asked) -> Aggregate:
    """The references and the spread that outliers are measured against."""
    values, dtype = _values(asked)
    numbers = _numbers(values, dtype).cast(pl.Float64)
    if asked.value_kwargs.get("method") == "std":
        return Aggregate((numbers.mean(), numbers.std()), OutlierStatistics.symmetric)
    quartiles = (numbers.quantile(0.25, "linear"), numbers.quantile(0.75, "linear"))
    return Aggregate(quartiles, lambda low, high: OutlierStatistics(low, high, None if low is None else high - low))


def _limited(values: list[Any], asked: Asked) -> list[Any]:
    limit = asked.value_kwargs.get("limit")
    return values[: _MAX_DISTINCT_VALUES if limit is None else limit]


def _as_number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


_METRICS: dict[str, Callable[[Asked], Any]] = {
    "column.min": _over(lambda values, _: values.min()),
    "column.max": _over(lambda values, _: values.max()),
    "column.mean": _over(_mean),
    "column.median": _over(_median),
    "column.sum": _over(_sum, lambda total: _as_number(total or 0)),
    "column.standard_deviation": _over(_deviation),
    "column.non_null_count": _over(lambda values, _: values.count(), int),
    "column.distinct_values.count": _over(lambda values, _: values.drop_nulls().n_unique(), int),
    "column.quantile_values": _quantiles,
    "column.histogram": _histogram,
    "column.distinct_values": _distinct_values,
    "column.distinct_values.not_in_set": lambda asked: _limited(_not_in_set(asked).to_series().sort().to_list(), asked),
    "column.distinct_values.not_in_set.count": lambda asked: _not_in_set(asked).height,
    "column.distinct_values.missing_from_column": lambda asked: _limited(_missing_from_column(asked), asked),
    "column.distinct_values.missing_from_column.count": lambda asked: len(_missing_from_column(asked)),
    "column.outlier_statistics": _outlier_statistics,
    "column.value_counts": _value_counts,
    "column.most_common_value": _most_common,
    "column_values.between.count": _between_count,
    "column_values.length.max": _over(lambda values, dtype: length(values, dtype).max()),
    "column_values.length.min": _over(lambda values, dtype: length(values, dtype).min()),
}
