"""When."""

from __future__ import annotations

import polars as pl

from tasks.analyze.schemas.result_table import DURATION_SUMS, VALUE_SUMS, Column, ResultTable

_SLOT: dict[str, Column] = {
    "count": (pl.Int64, "rows that start in it"),
    "entities": (pl.Int64, "different entities among them"),
    **VALUE_SUMS,
    "mean_duration_seconds": DURATION_SUMS["mean_duration_seconds"],
}

TIME_TABLES = {
    "daily_trend": ResultTable(
        "One row a day on which rows start, in order, by the contract's clock.",
        {"day": (pl.Date, "the day"), **_SLOT},
        needs=("start",),
    ),
    "hourly_trend": ResultTable(
        "One row for each hour of the day, over all days together.",
        {"hour": (pl.Int64, "0 to 23"), **_SLOT},
        needs=("start (a datetime)",),
    ),
}
