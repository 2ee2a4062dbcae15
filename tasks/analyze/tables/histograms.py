"""Histograms of numbers and times with exact counts: in round bins, and in bands that all runs share."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction

import polars as pl

from expectations.contract import Column
from tasks.analyze.exact import shown
from tasks.analyze.plain import Kind, as_text
from tasks.analyze.ranks import ALL, Ranks
from tasks.analyze.tables.outliers import Five

_BINS = 20
# Edges of bands, ten in each power of ten: close enough to see a price rise of a fifth, few enough to keep for ever.
_STEPS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
_POWERS = range(-6, 19)
_BAND_EDGES = sorted(
    sign * Fraction(step, 10) * Fraction(10) ** power for sign in (-1, 1) for step in _STEPS for power in _POWERS
)
_BAND_EDGES.insert(len(_BAND_EDGES) // 2, Fraction(0))

Row = dict[str, object]


def number_bins(name: str, ranks: Ranks, five: Five, *, are_whole: bool = False) -> list[Row]:
    """Rows of `column_histogram` for a number.

    Args:
        name: what the rows are named.
        ranks: its spread; it must have a value.
        five: its quartiles: bins are as narrow as what is usual asks for, and the first and last take what lies beyond.
        are_whole: whether edges between whole numbers would be odd.
    """
    edges = _edges(max(five.least, five.lower), min(five.most, five.upper), are_whole=are_whole)
    texts = [None, *map(_text, edges), None]
    return [{"column": name, "bin": at} | row for at, row in enumerate(_counted(ranks, edges, texts), start=1)]


def number_bands(name: str, ranks: Ranks, five: Five) -> list[Row]:
    """Rows of `column_bands` for a number.

    Args:
        name: what the rows are named.
        ranks: its spread; it must have a value.
        five: its extremes.
    """
    measure = ranks.spread.scale.measure
    edges = _BAND_EDGES
    if measure.kind == Kind.STEPS:  # no value lies between two steps, so an edge there would part nothing
        edges = [edge for edge in edges if edge % measure.step == 0]
    first, last = bisect_right(edges, five.least), bisect_right(edges, five.most)
    texts = [None, *map(_text, edges), None][first : last + 2]
    return [{"column": name} | row for row in _counted(ranks, edges[first:last], texts) if row["count"]]


def _text(edge: Fraction) -> str:
    return f"{shown(edge):.12g}"


def _counted(ranks: Ranks, edges: Sequence[Fraction], texts: Sequence[str | None]) -> Iterator[Row]:
    """Count what lies between edges; `texts` also has what is written before the first and after the last."""
    below = [0, *ranks.below({ALL: edges})[ALL], ranks.ladder(ALL).total]
    for at in range(len(edges) + 1):
        yield {"lower": texts[at], "upper": texts[at + 1], "count": below[at + 1] - below[at]}


def time_bins(name: str, column: Column, bins: pl.DataFrame) -> list[Row]:
    """Rows of `column_histogram` for a time, from the bins that have values: those between are empty."""
    if bins.is_empty():
        return []
    low, width = int(bins["lower"][0]), int(bins["upper"][0] - bins["lower"][0])
    every = pl.int_range(low, int(bins["upper"][-1]), width, eager=True).alias("lower")
    filled = every.to_frame().join(bins, on="lower", how="left").sort("lower")
    lower = as_text(column, filled["lower"]).to_list()
    upper = as_text(column, filled["lower"] + width).to_list()
    return [
        {"column": name, "bin": at + 1, "lower": one, "upper": other, "count": count}
        for at, (one, other, count) in enumerate(zip(lower, upper, filled["count"].fill_null(0), strict=True))
    ]


def _edges(low: Fraction, high: Fraction, *, are_whole: bool) -> Sequence[Fraction]:
    """Round numbers inside a range, about `_BINS` of them; none where the range is a point."""
    if low >= high:
        return []
    width = _round_up((high - low) / _BINS)
    if are_whole:
        width = max(width, Fraction(1))
    first = math.floor(low / width) + 1
    return [at * width for at in range(first, math.ceil(high / width))]


def _round_up(width: Fraction) -> Fraction:
    """The next of 1, 2 or 5 times a power of ten."""
    power = Fraction(10) ** math.floor(math.log10(width))
    return next(some * power for some in (1, 2, 5, 10, 20) if some * power >= width)
