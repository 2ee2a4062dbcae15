"""Metrics of queries: Polars SQL over the batch, which the query calls `{batch}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from great_expectations.constants import MAX_RESULT_RECORDS

from expectations.polars_engine import private
from expectations.polars_engine.metrics.register import Asked, register

_TABLE = "gx_batch"
# What a query is called in the arguments of each metric; what else is filled into it.
_ROW_METRICS = {
    "query.table": "query",
    "base_query.table": "base_query",
    "unexpected_rows_query.table": "unexpected_rows_query",
    "query.column": "query",
    "query.column_pair": "query",
    "query.multiple_columns": "query",
    "query.template_values": "query",
}
_COUNT_METRICS = {"query.row_count": "query", "unexpected_rows_query.row_count": "unexpected_rows_query"}
# These ask another data source, in its own language, whatever the batch is.
_OTHER_SOURCE = ("query.data_source_table", "comparison_query.data_source_table")


def register_query_metrics() -> None:
    """Register all of them."""
    for name, argument in _ROW_METRICS.items():
        register(name, _rows(argument))
    for name, argument in _COUNT_METRICS.items():
        register(name, _count(argument))
    for name in _OTHER_SOURCE:
        provider, function = private.REGISTERED_METRICS[name]["providers"]["SqlAlchemyExecutionEngine"]
        private.share(name, provider, function)


def _rows(argument: str) -> Callable[[Asked], list[dict[str, Any]]]:
    """The rows a query gives; the first 200 of them unless all are asked for, as on SQL."""

    def metric(asked: Asked) -> list[dict[str, Any]]:
        found = _run(asked, argument)
        limited = found if asked.value_kwargs.get("fetch_all") else found.head(MAX_RESULT_RECORDS)
        return asked.engine.collect(limited).rows(named=True)

    return metric


def _count(argument: str) -> Callable[[Asked], int]:
    def metric(asked: Asked) -> int:
        return int(asked.engine.collect(_run(asked, argument).select(pl.len())).item())

    return metric


def _run(asked: Asked, argument: str) -> pl.LazyFrame:
    """The query, not yet run.

    Raises:
        ValueError: there is no query, or it has braces that stand for nothing.
    """
    query = asked.value_kwargs.get(argument)
    if not isinstance(query, str) or not query:
        raise ValueError(f"`{argument}` must be a query")
    records = asked.engine.get_domain_records(asked.domain_kwargs)
    return pl.SQLContext({_TABLE: records}).execute(_filled(query, asked.value_kwargs), eager=False)


def _filled(query: str, value_kwargs: Mapping[str, Any]) -> str:
    columns = {f"col_{number}": name for number, name in enumerate(value_kwargs.get("columns") or [], start=1)}
    names = {key: value_kwargs[key] for key in ("column", "column_A", "column_B") if value_kwargs.get(key)}
    template = {k: str(v).format(batch=_TABLE) for k, v in (value_kwargs.get("template_dict") or {}).items()}
    try:
        return query.format(batch=_TABLE, **columns, **names, **template)
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(
            f"the query has a brace that stands for nothing known ({error}); a plain brace is written twice"
        ) from None
