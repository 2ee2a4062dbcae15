"""Which values a column has: how many different ones, and which most often; exact, in bounded memory."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.exact import floor_divided
from tasks.analyze.measures import Scale
from tasks.analyze.plain import DAY, HOUR, SECOND
from tasks.analyze.spread import Spread, spread_from

LISTED = 10
_LISTED_OF_AT_MOST = 2_000_000  # different values; more are not counted one by one
_TEXTS_AT_ONCE = 2_000_000
_NUMBERS_AT_ONCE = 16_000_000
_BINS = 60
_FINER = 50  # buckets of a bin: small sets of values are counted faster than large ones
_TIME_BINS = (
    *(SECOND * some for some in (1, 10, 60, 600)),
    *(HOUR * some for some in (1, 6)),
    *(DAY * some for some in (1, 7, 28, 364, 3_640, 36_400, 364_000)),
)


def distinct_values(batch: BatchFrame, name: str, count: int) -> int:
    """Count the different values of a column that has `count` of them."""
    if count == 0:
        return 0
    frame = batch.frame(name).filter(~nw.col(name).is_null())
    parts = batch.engine.parts(frame, name, count, at_once=_TEXTS_AT_ONCE)
    return sum(int(batch.collect(part.select(nw.col(name).n_unique())).item() or 0) for part in parts)


def top_values(batch: BatchFrame, name: str, distinct: int) -> pl.DataFrame:
    """The most frequent values of a column, plain, as `value` and `count`; none where there are too many to count."""
    frame = batch.frame(name).filter(~nw.col(name).is_null()).select(nw.col(name).alias("value"))
    if distinct > _LISTED_OF_AT_MOST:
        frame = frame.head(0)
    counted = frame.group_by("value").agg(nw.len().alias("count"))
    best = batch.collect(counted.sort("count", "value", descending=[True, False]).head(LISTED))
    return best.with_columns(pl.col("count").cast(pl.Int64))


class Times(NamedTuple):
    """A time column: its spread, and bins of a round width: `lower`, `upper` (plain), `count`, `distinct`, in order."""

    bins: pl.DataFrame
    spread: Spread


def times(batch: BatchFrame, name: str, scale: Scale) -> Times:
    """Count a time column.

    Different values are counted within narrow buckets, which is fast where neighbours in the file are neighbours in
    time, as they mostly are.
    """
    width = next(one for one in _TIME_BINS if scale.top // one < _BINS)
    low = scale.base // width * width
    fine = width // _FINER
    bucket = floor_divided(nw.col(name) - low, fine, scale.top + width).cast(nw.Int64)
    frame = (
        batch.frame(name).filter(~nw.col(name).is_null()).select(bucket.alias("bucket"), nw.col(name).alias("value"))
    )
    parts = batch.engine.parts(frame, "value", scale.count, at_once=_NUMBERS_AT_ONCE)
    counted = pl.concat([batch.counted(part, "bucket", "value") for part in parts])
    bins = counted.group_by(pl.col("bucket") // _FINER).agg(pl.col("count", "distinct").sum())
    lower = pl.col("bucket") * width + low
    bins = bins.sort("bucket").select(
        lower.alias("lower"), (lower + width).alias("upper"), pl.col("count", "distinct").cast(pl.Int64)
    )
    ahead = scale.base - low
    from_low = replace(scale, base=low, top=scale.top + ahead, steps=scale.steps + ahead)
    totals = counted.group_by("bucket").agg(pl.col("count").sum())
    return Times(bins, spread_from(batch, from_low, totals, fine))
