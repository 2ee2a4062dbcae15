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
    "top_entities": ResultTable(
        "The ten entities with the most sessions, time and value, each with its share of the whole.",
        {
            "by": (pl.String, "`sessions`, `total_duration_seconds` or `total_value`"),
            "rank": (pl.Int64, "1 has the most"),
            "entity": (pl.String, "named as in `session_metrics`"),
            "amount": (pl.Float64, "what it has"),
            "share": (pl.Float64, "of what all entities have together; null where that is not above zero"),
        },
        needs=("entity",),
    ),
    "entity_concentration": ResultTable(
        "How heavy the tail is: what the most active entities have of everything.",
        {
            "top_share": (pl.Float64, "the most active share of the entities, by their sessions"),
            "entities": (pl.Int64, "how many that are, rounded up"),
            "sessions": (pl.Int64, "their rows"),
            "sessions_share": (pl.Float64, "of the rows that have an entity"),
            "value_share": (pl.Float64, "of the total value; null where that is not above zero"),
        },
        needs=("entity",),
    ),
    "new_and_returning": ResultTable(
        "Entities of each day: those never seen before in this batch, and those seen before.",
        {
            "day": (pl.Date, "the day, by the contract's clock"),
            "entities": (pl.Int64, "different entities on it"),
            "new": (pl.Int64, "entities whose first row in this batch is on this day"),
            "returning": (pl.Int64, "the others"),
            "new_share": (pl.Float64, "new of all"),
            "seen_so_far": (pl.Int64, "different entities up to and with this day"),
        },
        needs=("entity", "start"),
    ),
}
