"""What: how often each category occurs."""

from __future__ import annotations

import polars as pl

from tasks.analyze.schemas.result_table import DURATION_SUMS, VALUE_SUMS, ResultTable

CATEGORY_TABLES = {
    "event_distribution": ResultTable(
        "One row a category, most frequent first.",
        {
            "category": (pl.String, "the category; a personal one is named by its place in this table"),
            "count": (pl.Int64, "its rows"),
            "share": (pl.Float64, "their share of the rows that have a category"),
            "cumulative_share": (pl.Float64, "share of this category and all above it"),
            "mean_duration_seconds": DURATION_SUMS["mean_duration_seconds"],
            **VALUE_SUMS,
        },
        needs=("category",),
    ),
    "event_distribution_test": ResultTable(
        "Whether categories occur evenly: Pearson's chi-squared against equal counts, in one row.",
        {
            "categories": (pl.Int64, "different categories"),
            "count": (pl.Int64, "rows that have one"),
            "missing": (pl.Int64, "rows that have none"),
            "expected_count": (pl.Float64, "rows of each category if all were equally frequent"),
            "chi_squared": (pl.Float64, "the statistic"),
            "degrees_of_freedom": (pl.Int64, "categories less one"),
            "p_value": (pl.Float64, "chance of counts at least this uneven if all were equally likely"),
        },
        needs=("category",),
    ),
}
