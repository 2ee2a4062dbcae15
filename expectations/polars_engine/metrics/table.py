"""Metrics about the table as a whole."""

from __future__ import annotations

from typing import Any

import polars as pl

from expectations.polars_engine.domain import domain_of
from expectations.polars_engine.metrics.register import Asked, register
from expectations.polars_engine.values import Aggregate


def register_table_metrics() -> None:
    """Register all of them."""
    register("table.row_count", _row_count)
    register("table.columns", lambda asked: list(_shown(asked)))
    register("table.column_count", lambda asked: len(_shown(asked)))
    register("table.column_types", _column_types)
    register("table.head", _head)


def _row_count(asked: Asked) -> Aggregate:
    domain = domain_of(asked.domain_kwargs, asked.engine.schema(asked.domain_kwargs))
    return Aggregate((pl.len() if domain is None else domain.sum(),), lambda rows: int(rows or 0))


def _column_types(asked: Asked) -> list[dict[str, Any]]:
    return [{"name": name, "type": dtype} for name, dtype in _shown(asked).items()]


def _shown(asked: Asked) -> dict[str, pl.DataType]:
    schema = asked.engine.schema(asked.domain_kwargs)
    return {name: dtype for name, dtype in schema.items() if name not in asked.engine.hidden_columns}


def _head(asked: Asked) -> Any:
    """The first rows, as pandas: that is what Great Expectations shows."""
    records = asked.engine.get_domain_records(asked.domain_kwargs).select(list(_shown(asked)))
    if asked.value_kwargs.get("fetch_all"):
        return asked.engine.collect(records).to_pandas()
    wanted = asked.value_kwargs.get("n_rows")
    rows = 5 if wanted is None else int(wanted)
    if rows >= 0:
        return asked.engine.collect(records.head(rows)).to_pandas()
    total = int(asked.engine.collect(records.select(pl.len())).item())
    return asked.engine.collect(records.head(max(0, total + rows))).to_pandas()
