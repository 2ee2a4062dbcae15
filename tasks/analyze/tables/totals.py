"""Batch totals: the whole batch in one row."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tasks.analyze.look import Look
from tasks.analyze.measures import VALUE
from tasks.analyze.schemas import table_of
from tasks.analyze.sums import Moments


def batch_totals(look: Look, moments: Mapping[str, Moments], counts: Mapping[str, int]) -> pl.DataFrame:
    """One row.

    Args:
        look: the first look.
        moments: of durations and values.
        counts: of entities, categories and days, where there are such.
    """
    row: dict[str, object] = {"rows": look.rows, "first_seen": look.first, "last_seen": look.last}
    row |= counts
    if look.durations is not None:
        found = look.durations
        row |= {"missing_durations": found.missing, "zero_durations": found.zero, "negative_durations": found.negative}
    for name, one in moments.items():
        row["values" if name == VALUE else "durations"] = one.count
        row |= {f"total_{name}": one.total, f"mean_{name}": one.mean, f"std_{name}": one.std}
    return table_of("batch_totals", [row])
