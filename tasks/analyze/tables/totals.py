"""Batch totals: the whole batch in one row."""

from __future__ import annotations

import polars as pl

from tasks.analyze.exact import Moments
from tasks.analyze.look import Look
from tasks.analyze.schema import table_of


def batch_totals(look: Look, made: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row.

    Args:
        look: the first look at the accepted rows.
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
    for scale, moments in look.outlier_scales:
        row |= _moments(moments, "values" if scale.name == "value" else "durations", scale.name)
    return table_of("batch_totals", [row])


def _moments(found: Moments, counted: str, name: str) -> dict[str, object]:
    return {counted: found.count, f"total_{name}": found.total, f"mean_{name}": found.mean, f"std_{name}": found.std}
