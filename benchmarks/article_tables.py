"""The article's work, said once: the seven result tables that every way makes, as docs/tables.md describes them."""

from __future__ import annotations

from typing import Final

TABLES: Final = (
    "session_metrics",
    "event_distribution",
    "outlier_bounds",
    "outliers",
    "daily_trend",
    "hourly_trend",
    "column_summary",
)
TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"

# What expectations/events says of each column, in its order: type and role.
COLUMNS: Final = {
    "user_id": ("integer", "entity"),
    "session_start": ("datetime", "start"),
    "session_end": ("datetime", "end"),
    "event_type": ("string", "category"),
    "value": ("decimal", "value"),
    "metadata": ("string", ""),
}
MEASURES: Final = {"duration_seconds": "duration", "value": "value"}  # as tables name them, as the scripts do
SHARES: Final = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
FENCE: Final = 1.5
MAD_AT_ONE: Final = 0.6744897501960817  # of a normal distribution
LISTED: Final = 100
