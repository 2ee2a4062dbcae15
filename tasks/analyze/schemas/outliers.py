"""What is unusual."""

from __future__ import annotations

import polars as pl

from tasks.analyze.schemas.result_table import MOMENT, Column, ResultTable

BOUNDS: dict[str, Column] = {
    "count": (pl.Int64, "values that count"),
    "mean": (pl.Float64, "their mean"),
    "std": (pl.Float64, "their standard deviation, of a sample (ddof 1)"),
    "minimum": (pl.Float64, "the smallest"),
    "q1": (pl.Float64, "first quartile: exact, and linear between neighbours"),
    "median": (pl.Float64, "second quartile"),
    "q3": (pl.Float64, "third quartile"),
    "maximum": (pl.Float64, "the largest"),
    "iqr": (pl.Float64, "third quartile less first"),
    "lower_bound": (pl.Float64, "q1 - 1.5 iqr"),
    "upper_bound": (pl.Float64, "q3 + 1.5 iqr"),
    "below": (pl.Int64, "values below the lower bound"),
    "above": (pl.Int64, "values above the upper bound"),
    "share": (pl.Float64, "share of values beyond the bounds"),
    "mad": (pl.Float64, "median distance from the median"),
}

OUTLIER_TABLES = {
    "outlier_bounds": ResultTable(
        "What is usual of durations and values, and how much lies beyond; one row a measure.",
        {"measure": (pl.String, "`duration_seconds` or `value`"), **BOUNDS},
        needs=("start and end, duration or value",),
    ),
    "outliers": ResultTable(
        "The rows farthest from the mean among those beyond the bounds, at most 100 of each measure.",
        {
            "measure": (pl.String, "`duration_seconds` or `value`"),
            "rank": (pl.Int64, "1 is the farthest from the mean"),
            "value": (pl.Float64, "the measure's value, in seconds or the value column's unit"),
            "side": (pl.String, "`below` or `above` the bounds"),
            "z_score": (pl.Float64, "distance from the mean in standard deviations (ddof 1)"),
            "robust_z_score": (
                pl.Float64,
                "0.67449 times the distance from the median, in `mad`; null where that is 0",
            ),
            "entity": (pl.String, "named as in `session_metrics`"),
            "started_at": (MOMENT, "when the row started, on the contract's clock"),
            "category": (pl.String, "named as in `event_distribution`"),
        },
        needs=("start and end, duration or value",),
    ),
    "outliers_by_category": ResultTable(
        "The same as `outlier_bounds` within each of the 50 most frequent categories.",
        {
            "measure": (pl.String, "`duration_seconds` or `value`"),
            "category": (pl.String, "named as in `event_distribution`"),
            **BOUNDS,
        },
        needs=("category", "start and end, duration or value"),
    ),
}
