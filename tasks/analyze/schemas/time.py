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
    "weekday_hour": ResultTable(
        "One row for each hour of the week: 168 rows.",
        {
            "weekday": (pl.Int64, "1 is Monday"),
            "hour": (pl.Int64, "0 to 23"),
            "count": (pl.Int64, "rows that start in it"),
            "share": (pl.Float64, "of all rows that have a start"),
            "total_value": VALUE_SUMS["total_value"],
        },
        needs=("start (a datetime)",),
    ),
    "daily_comparison": ResultTable(
        "Each day of `daily_trend` against the week that ends with it and against the same weekday before.",
        {
            "day": (pl.Date, "the day"),
            "count": (pl.Int64, "its rows"),
            "count_7d_mean": (
                pl.Float64,
                "rows a day over seven days; days without rows count 0; null in the first six",
            ),
            "count_week_before": (pl.Int64, "rows seven days earlier; null in the first week"),
            "count_change": (pl.Float64, "share by which the count changed since; null where it was 0"),
            "total_value": VALUE_SUMS["total_value"],
            "value_7d_mean": (pl.Float64, "value a day over seven days"),
            "value_week_before": (pl.Float64, "value seven days earlier"),
            "value_change": (pl.Float64, "share by which the value changed since; null where it was not above 0"),
        },
        needs=("start",),
    ),
    "change_points": ResultTable(
        "Days on which the daily level changed for good: Pettitt's test on ranks, again on either side of each find, "
        "less the steps that are smaller than two robust deviations of the days around their level.",
        {
            "measure": (pl.String, "`count` or `total_value`, a day"),
            "day": (pl.Date, "first day of the new level"),
            "mean_before": (pl.Float64, "a day, since the change point before"),
            "mean_after": (pl.Float64, "a day, up to the change point after"),
            "change": (pl.Float64, "share by which the mean changed; null where it was 0"),
            "p_value": (pl.Float64, "chance of a step this clear if there were none; at most 0.01"),
        },
        needs=("start",),
    ),
}
