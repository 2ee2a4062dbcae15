"""Metrics about the rows that fail an expectation: how many, which values, which rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from expectations.polars_engine import private
from expectations.polars_engine.compile import compile_condition
from expectations.polars_engine.conditions.catalog import ROW_METRICS
from expectations.polars_engine.domain import columns_of, domain_of
from expectations.polars_engine.engine import PolarsExecutionEngine
from expectations.polars_engine.failed_rows import ROW_NUMBER
from expectations.polars_engine.metrics.register import Asked, Independent, register
from expectations.polars_engine.values import Aggregate, Condition, OverFailed

MASK = "***"
_CONDITION = private.MetricPartialFunctionTypes.MAP_CONDITION_FN
_MISSING_COUNT = "column_values.nonnull.unexpected_count"


def register_row_metric(map_metric: str) -> None:
    """Register every metric that Great Expectations derives from one map metric."""

    def condition(asked: Asked) -> Condition | Aggregate:
        return compile_condition(asked.engine, map_metric, asked.domain_kwargs, asked.value_kwargs)

    register(f"{map_metric}.condition", condition, private.MapMetricProvider, _CONDITION)
    for suffix, function in _DERIVED.items():
        if f"{map_metric}.{suffix}" in private.REGISTERED_METRICS:
            register(f"{map_metric}.{suffix}", function, _PROVIDERS.get(suffix, private.MapMetricProvider))


def register_row_metrics() -> None:
    """Register all map metrics, and the count of missing values that every column expectation asks for."""
    for map_metric in ROW_METRICS:
        register_row_metric(map_metric)
    register(_MISSING_COUNT, _missing_count, Independent)


def _missing_count(asked: Asked) -> Aggregate:
    """How many values are missing. Asked for by every column expectation, so it is an aggregate and rejects no row."""
    condition = compile_condition(asked.engine, "column_values.nonnull", asked.domain_kwargs, {})
    assert isinstance(condition, Condition)
    return Aggregate((condition.failed.sum(),), _whole)


def _unexpected_count(asked: Asked) -> OverFailed:
    return OverFailed(_condition(asked), (), 0, lambda number, _: number)


def _filtered_row_count(asked: Asked) -> Aggregate:
    domain = domain_of(asked.domain_kwargs, asked.engine.schema(asked.domain_kwargs))
    return Aggregate((pl.len() if domain is None else domain.sum(),), _whole)


def _unexpected_values(asked: Asked) -> OverFailed:
    columns = columns_of(asked.domain_kwargs)

    def finish(_: int, rows: pl.DataFrame) -> list[Any]:
        shown = _shown(asked.engine, rows)
        if "column" in asked.domain_kwargs:
            return shown.to_series().to_list()
        if "column_A" in asked.domain_kwargs:
            return [tuple(row[name] for name in columns) for row in shown.iter_rows(named=True)]
        return shown.rows(named=True)

    return OverFailed(_condition(asked), _once(columns), _limit(asked.value_kwargs), finish)


def _unexpected_index_list(asked: Asked) -> OverFailed:
    names = _index_columns(asked.value_kwargs)
    columns = _once((*names, *columns_of(asked.domain_kwargs)))

    def finish(_: int, rows: pl.DataFrame) -> list[Any]:
        return _shown(asked.engine, rows).rows(named=True) if names else rows[ROW_NUMBER].to_list()

    return OverFailed(_condition(asked), columns if names else (ROW_NUMBER,), _limit(asked.value_kwargs), finish)


def _unexpected_index_query(asked: Asked) -> str | None:
    if asked.value_kwargs["result_format"].get("return_unexpected_index_query") is False:
        return None
    return f"frame.filter({_condition(asked).failed})"


def _unexpected_rows(asked: Asked) -> OverFailed:
    columns = tuple(asked.engine.schema(asked.domain_kwargs))

    def finish(_: int, rows: pl.DataFrame) -> Any:
        return _shown(asked.engine, rows).to_pandas()

    return OverFailed(_condition(asked), columns, _limit(asked.value_kwargs), finish)


def _unexpected_value_counts(asked: Asked) -> OverFailed:
    columns = columns_of(asked.domain_kwargs)

    def finish(_: int, rows: pl.DataFrame) -> Any:
        counted = _shown(asked.engine, rows).to_series().value_counts(sort=True)
        return counted.to_pandas().set_index(columns[0])["count"]

    return OverFailed(_condition(asked), columns, None, finish)


_DERIVED = {
    "unexpected_count": _unexpected_count,
    "filtered_row_count": _filtered_row_count,
    "unexpected_values": _unexpected_values,
    "unexpected_index_list": _unexpected_index_list,
    "unexpected_index_query": _unexpected_index_query,
    "unexpected_rows": _unexpected_rows,
    "unexpected_value_counts": _unexpected_value_counts,
}
# Great Expectations takes it to depend on which rows fail; as it does not, it can be counted with the other aggregates.
_PROVIDERS = {"filtered_row_count": Independent}


def _once(names: Sequence[str]) -> tuple[str, ...]:
    """Names without those that stood before: both sides of a pair may be one column."""
    return tuple(dict.fromkeys(names))


def _condition(asked: Asked) -> Condition:
    condition = asked.metrics["unexpected_condition"]
    assert isinstance(condition, Condition)
    return condition


def _index_columns(value_kwargs: Mapping[str, Any]) -> Sequence[str]:
    names = value_kwargs["result_format"].get("unexpected_index_column_names") or ()
    return (names,) if isinstance(names, str) else tuple(names)


def _limit(value_kwargs: Mapping[str, Any]) -> int | None:
    """How many rows to show: all of them for COMPLETE, which is what its documentation promises."""
    result_format = value_kwargs["result_format"]
    return None if result_format["result_format"] == "COMPLETE" else int(result_format["partial_unexpected_count"])


def _shown(engine: PolarsExecutionEngine, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what must not be shown masked."""
    hidden = [name for name in rows.columns if name in engine.masked_columns]
    return rows.with_columns(pl.lit(MASK).alias(name) for name in hidden) if hidden else rows


def _whole(number: int | None) -> int:
    return int(number or 0)
