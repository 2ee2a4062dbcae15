"""Batch totals: the whole batch in one row."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tasks.analyze.look import Look
from tasks.analyze.measures import VALUE
from tasks.analyze.schemas import table_of
from tasks.analyze.sums import Moments


def batch_totals(look: Look, moments: Mapping[str, Moments], made: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row.

    Args:
        look: the first look.
        moments: of durations and values.
        made: tables that are there already, whose lengths are counts.
    """
    row: dict[str, object] = {"rows": look.rows, "first_seen": look.first, "last_seen": look.last}
    if "session_metrics" in made:
        sessions = made["session_metrics"]["sessions"]
        row |= {"entities": len(sessions), "rows_without_entity": look.rows - int(sessions.sum())}
    if "event_distribution" in made:
        row["categories"] = made["event_distribution"].height
    if "daily_trend" in made:
        row["active_days"] = made["daily_trend"].height
    if look.durations is not None:
        found = look.durations
        row |= {"missing_durations": found.missing, "zero_durations": found.zero, "negative_durations": found.negative}
    for name, one in moments.items():
        row["values" if name == VALUE else "durations"] = one.count
        row |= {f"total_{name}": one.total, f"mean_{name}": one.mean, f"std_{name}": one.std}
    return table_of("batch_totals", [row])
