"""A tally as group-bys, which every engine can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from tasks.analyze.tally import Members, Numbers, Tally

Rows = nw.LazyFrame[Any]

_KEYS_AT_ONCE = 500_000
_NUMBERS_AT_ONCE = 16_000_000


def rows_of(frame: Rows, tally: Tally) -> Rows:
    """The rows that count: keys, and what is added up or compared, by their names."""
    ends = {name: extremes.value for name, extremes in tally.extremes.items()}
    counted = {name: value.cast(nw.Int64) for name, value in tally.counts.items()}
    made = {key.name: key.value for key in tally.every_key} | counted | dict(tally.sums) | ends
    rows = frame.select(*(value.alias(name) for name, value in made.items()))
    numbers = [key.name for key in tally.every_key if isinstance(key, Numbers)]
    needed = [*numbers, *(key.name for key in tally.every_key if isinstance(key, Members) and not key.keeps_missing)]
    # Whole numbers only after the filter: not every engine can cast what is missing.
    there = rows.filter(*(~nw.col(name).is_null() for name in needed)) if needed else rows
    return there.with_columns(nw.col(name).cast(nw.Int64) for name in numbers) if numbers else there


def cut_by(tally: Tally) -> tuple[str, int, int] | None:
    """A key of which there may be too many at once: its name, at most how many there are, and how many may be."""
    for key in tally.every_key:
        if isinstance(key, Members) and key.known is None:
            return key.name, key.count, _KEYS_AT_ONCE
    other = tally.distinct
    return (other.name, other.span, _NUMBERS_AT_ONCE) if isinstance(other, Numbers) else None


def grouped(rows: Rows, tally: Tally, *, counts_in_groups: bool) -> Rows:
    """What a tally asks for; `counts_in_groups` says whether `n_unique` is right in a group-by."""
    keys = [key.name for key in tally.keys]
    if tally.distinct is not None:
        are_few = all(isinstance(key, Numbers) for key in tally.keys)
        return _counted(rows, keys, tally.distinct.name, in_groups=are_few and counts_in_groups)
    sums = [nw.col(name).sum() for name in (*tally.counts, *tally.sums)]
    least = [nw.col(name).min().alias(f"{name}_min") for name in tally.extremes]
    most = [nw.col(name).max().alias(f"{name}_max") for name in tally.extremes]
    return rows.group_by(keys).agg(nw.len().alias("count"), *sums, *least, *most)


def put_together(parts: Sequence[pl.DataFrame], tally: Tally) -> pl.DataFrame:
    """The results of parts as one."""
    keys = [key.name for key in tally.keys]
    counted = "count" if tally.distinct is None else "distinct"
    numbers = [key.name for key in tally.keys if isinstance(key, Numbers)]
    found = pl.concat(parts).cast(dict.fromkeys([*numbers, counted], pl.Int64))
    return found if tally.distinct is None or len(parts) == 1 else found.group_by(keys).agg(pl.col(counted).sum())


def _counted(rows: Rows, keys: Sequence[str], other: str, *, in_groups: bool) -> Rows:
    if in_groups:
        return rows.group_by(keys).agg(nw.col(other).n_unique().alias("distinct"))
    return rows.unique([*keys, other]).group_by(keys).agg(nw.len().alias("distinct"))
