"""Who: metrics of entities."""

from __future__ import annotations

import polars as pl

from tasks.analyze.schemas.result_table import DURATION_SUMS, MOMENT, VALUE_SUMS, ResultTable

ENTITY_TABLES = {
    "session_metrics": ResultTable(
        "One row an entity, most sessions first.",
        {
            "entity": (pl.String, "the entity; a personal one is named by its place in this table"),
            "sessions": (pl.Int64, "its rows"),
            "timed_sessions": (pl.Int64, "rows whose duration counts"),
            **DURATION_SUMS,
            "min_duration_seconds": (pl.Float64, "the shortest"),
            "max_duration_seconds": (pl.Float64, "the longest"),
            "std_duration_seconds": (pl.Float64, "their standard deviation, of a sample (ddof 1)"),
            **VALUE_SUMS,
            "first_seen": (MOMENT, "its earliest start, on the contract's clock"),
            "last_seen": (MOMENT, "its latest start"),
            "categories": (pl.Int64, "different categories among its rows"),
        },
        needs=("entity",),
    ),
}
