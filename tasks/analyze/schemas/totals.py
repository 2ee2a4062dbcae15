"""The batch in one row."""

from __future__ import annotations

import polars as pl

from tasks.analyze.schemas.result_table import DURATION_SUMS, MOMENT, VALUE_SUMS, ResultTable

TOTALS_TABLES = {
    "batch_totals": ResultTable(
        "The whole batch in one row.",
        {
            "rows": (pl.Int64, "accepted rows"),
            "entities": (pl.Int64, "different entities"),
            "rows_without_entity": (pl.Int64, "rows whose entity is missing"),
            "categories": (pl.Int64, "different categories"),
            "first_seen": (MOMENT, "earliest start, on the contract's clock"),
            "last_seen": (MOMENT, "latest start"),
            "active_days": (pl.Int64, "days on which a row starts"),
            "durations": (pl.Int64, "rows whose duration counts: zero or more"),
            "missing_durations": (pl.Int64, "rows without a start or an end"),
            "zero_durations": (pl.Int64, "rows that end when they start; they count"),
            "negative_durations": (pl.Int64, "rows that end before they start; they do not count"),
            **DURATION_SUMS,
            "std_duration_seconds": (pl.Float64, "their standard deviation, of a sample (ddof 1)"),
            "values": (pl.Int64, "rows that have a value"),
            **VALUE_SUMS,
            "std_value": (pl.Float64, "their standard deviation, of a sample (ddof 1)"),
        },
    )
}
