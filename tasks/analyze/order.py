"""Exact order statistics in bounded memory, on every engine: count the values in some 65,000 buckets, look closer into
the buckets that hold a wanted rank, and sort only what lies there once it is little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.exact import floor_divided
from tasks.analyze.measures import Scale

_BUCKET_BITS = 16
_SORTED_AT_MOST = 1_000_000  # values fetched and sorted here; 8 MB


@dataclass(frozen=True)
class _Span:
    """Steps from `low` to `high`, both included; `before` values lie below."""

    low: int
    high: int
    before: int
    count: int


def quantiles(batch: BatchFrame, scale: Scale, probabilities: Sequence[Fraction]) -> list[Fraction]:
    """Linear quantiles, as exact fractions in the unit that tables show.

    Args:
        batch: the accepted rows.
        scale: the measure; it must have a value.
        probabilities: from 0 to 1.
    """
    places = [probability * (scale.count - 1) for probability in probabilities]
    ranks = {rank for place in places for rank in (int(place), min(int(place) + 1, scale.count - 1))}
    found = ranked(batch, scale, ranks)
    return [_between(found, place, scale.count) for place in places]


def ranked(batch: BatchFrame, scale: Scale, ranks: Iterable[int]) -> dict[int, Fraction]:
    """The values of some ranks, 0 the smallest, in the unit that tables show."""
    found: dict[int, Fraction] = {}
    wanted = sorted(set(ranks))
    spans = [_Span(0, scale.top, 0, scale.count)]
    while wanted:
        spans = [span for span in spans if any(_holds(span, rank) for rank in wanted)]
        single = [span for span in spans if span.low == span.high and not scale.is_rounded]
        for span in single:
            found |= {rank: scale.worth(span.low) for rank in wanted if _holds(span, rank)}
        wanted = [rank for rank in wanted if rank not in found]
        spans = [span for span in spans if span not in single]
        if sum(span.count for span in spans) <= _SORTED_AT_MOST or all(span.low == span.high for span in spans):
            return found | _sorted(batch, scale, spans, wanted)
        spans = [inner for span in spans for inner in _split(batch, scale, span)]
    return found


def _holds(span: _Span, rank: int) -> bool:
    return span.before <= rank < span.before + span.count


def _between(found: dict[int, Fraction], place: Fraction, count: int) -> Fraction:
    low = int(place)
    return found[low] + (found[min(low + 1, count - 1)] - found[low]) * (place - low)


def _split(batch: BatchFrame, scale: Scale, span: _Span) -> list[_Span]:
    """Count what lies in the buckets of a span."""
    width = 1 << max((span.high - span.low).bit_length() - _BUCKET_BITS, 0)
    bucket = floor_divided(nw.col("steps") - span.low, width)
    frame = _inside(_steps(batch, scale), scale, [span]).select(bucket.cast(nw.Int64).alias("bucket"))
    counted = batch.collect(frame.group_by("bucket").agg(nw.len().alias("count"))).drop_nulls().sort("bucket")
    inner, before = [], span.before
    for at, count in counted.select("bucket", "count").iter_rows():
        low = span.low + at * width
        inner.append(_Span(low, min(low + width - 1, span.high), before, count))
        before += count
    return inner


def _sorted(batch: BatchFrame, scale: Scale, spans: Sequence[_Span], wanted: Sequence[int]) -> dict[int, Fraction]:
    """Fetch what lies in some spans, sort it, and read the wanted ranks off."""
    if not wanted:
        return {}
    values = batch.collect(_inside(_steps(batch, scale), scale, spans).select("raw"))["raw"].drop_nulls().sort()
    found: dict[int, Fraction] = {}
    at = 0
    for span in spans:
        inside = {rank: values[at + rank - span.before] for rank in wanted if _holds(span, rank)}
        found |= {rank: Fraction(value) * scale.measure.step for rank, value in inside.items()}
        at += span.count
    return found


def _steps(batch: BatchFrame, scale: Scale) -> nw.LazyFrame[Any]:
    frame = batch.frame(*scale.measure.columns)
    return frame.select(scale.measure.raw.alias("raw"), scale.steps.alias("steps"))


def _inside(frame: nw.LazyFrame[Any], scale: Scale, spans: Sequence[_Span]) -> nw.LazyFrame[Any]:
    if len(spans) == 1 and spans[0].low == 0 and spans[0].high == scale.top:
        return frame.filter(~nw.col("steps").is_null())
    inside = [(nw.col("steps") >= span.low) & (nw.col("steps") <= span.high) for span in spans]
    return frame.filter(reduce(or_, inside))
