"""Which values a column has: how many different ones, and which most often; exact, in bounded memory."""

from __future__ import annotations

from dataclasses import replace
from math import gcd
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.exact import floor_divided
from tasks.analyze.measures import Scale
from tasks.analyze.plain import DAY, HOUR, SECOND, Kind, kind_of
from tasks.analyze.spread import Spread, spread_from
from tasks.analyze.tally import Numbers, Tally

LISTED = 10
_LISTED_OF_AT_MOST = 2_000_000  # different values; more are not counted one by one
_BINS = 60
_FINER = 50  # buckets of a bin: small sets of values are counted faster than large ones
_TIME_BINS = (
    *(SECOND * some for some in (1, 10, 60, 600)),
    *(HOUR * some for some in (1, 6)),
    *(DAY * some for some in (1, 7, 28, 364, 3_640, 36_400, 364_000)),
)


def counted_values(batch: BatchFrame, name: str, count: int) -> tuple[int, pl.DataFrame | None]:
    """How many different values a column has, and all of them, plain, where they are not too many.

    Args:
        batch: the accepted rows.
        name: the column.
        count: how many values it has, equal ones and all.

    Returns:
        The number, and `value` and how often it occurs, `count`, the most frequent first.
    """
    frame = _values(batch, name)
    texts = _counted_texts(batch, name)
    if texts is not None:
        return texts.height, _most_first(texts)
    if count > _LISTED_OF_AT_MOST and batch.engine.about(frame, "value") > _LISTED_OF_AT_MOST:
        parts = batch.engine.parts(frame, "value", count, at_once=_LISTED_OF_AT_MOST)
        distinct = sum(int(batch.collect(part.select(nw.col("value").n_unique())).item() or 0) for part in parts)
        if distinct > _LISTED_OF_AT_MOST:
            return distinct, None
    counted = _grouped(batch, frame)
    return counted.height, counted if counted.height <= _LISTED_OF_AT_MOST else None


def all_values(batch: BatchFrame, name: str) -> pl.DataFrame:
    """All values of a column, as `counted_values` has them, however many there are."""
    texts = _counted_texts(batch, name)
    return _grouped(batch, _values(batch, name)) if texts is None else _most_first(texts)


def _values(batch: BatchFrame, name: str) -> nw.LazyFrame[Any]:
    return batch.frame(name).filter(~nw.col(name).is_null()).select(nw.col(name).alias("value"))


def _counted_texts(batch: BatchFrame, name: str) -> pl.DataFrame | None:
    is_text = kind_of(batch.contract.columns[name]) == Kind.TEXT
    return batch.engine.counted_texts(name, _LISTED_OF_AT_MOST) if is_text else None


def _grouped(batch: BatchFrame, values: nw.LazyFrame[Any]) -> pl.DataFrame:
    return _most_first(batch.collect(values.group_by("value").agg(nw.len().alias("count"))))


def _most_first(counted: pl.DataFrame) -> pl.DataFrame:
    return counted.cast({"count": pl.Int64}).sort("count", "value", descending=[True, False])


class TextExtent(NamedTuple):
    """How far texts reach: the first and last in the order of their bytes, lengths in characters."""

    least: str
    most: str
    shortest: int
    longest: int
    characters: int


def text_extent(batch: BatchFrame, name: str, counted: pl.DataFrame | None) -> TextExtent:
    """The extent of a column of text that has a value; from all its values, where they are known."""
    counts = nw.col("count") if counted is not None else 1
    frame = batch.frame(name).select(nw.col(name).alias("value")) if counted is None else nw.from_native(counted.lazy())
    value, length = nw.col("value"), nw.col("value").str.len_chars()
    aggregates = {
        "least": value.min(),
        "most": value.max(),
        "shortest": length.min(),
        "longest": length.max(),
        "characters": (length.cast(nw.Int64) * counts).sum(),
    }
    lazy = frame.select(one.alias(aim) for aim, one in aggregates.items())
    found = (batch.collect(lazy) if counted is None else lazy.collect().to_polars()).row(0)
    return TextExtent(found[0], found[1], *map(int, found[2:]))


class Times(NamedTuple):
    """A time column: its spread, and bins of a round width: `lower`, `upper` (plain), `count`, `distinct`, in order."""

    bins: pl.DataFrame
    spread: Spread


def times_tallies(name: str, scale: Scale, unit: int) -> tuple[Tally, Tally]:
    """What `times` begins with: how many values, and how many different ones, there are in narrow buckets.

    Args:
        name: the column.
        scale: its extent; it must have a value.
        unit: some microseconds that any two values are whole numbers of apart.
    """
    width, low = _bins(scale)
    fine = width // _FINER
    ahead = nw.col(name) - low
    many = (scale.base + scale.top - low) // fine + 1
    number = floor_divided(ahead, fine, scale.top + width)
    bucket = Numbers("bucket", number, many)
    unit = gcd(unit, fine)
    rest = Numbers("rest", floor_divided(ahead - number * fine, unit, fine), fine // unit)
    return Tally((bucket,), (name,)), Tally((bucket,), (name,), distinct=rest)


def times(batch: BatchFrame, scale: Scale, counted: pl.DataFrame, distinct: pl.DataFrame) -> Times:
    """Bins and spread of a time column, from its `times_tallies`."""
    width, low = _bins(scale)
    both = counted.join(distinct, on="bucket")
    bins = both.group_by(pl.col("bucket") // _FINER).agg(pl.col("count", "distinct").sum()).sort("bucket")
    lower = pl.col("bucket") * width + low
    bins = bins.select(lower.alias("lower"), (lower + width).alias("upper"), "count", "distinct")
    ahead = scale.base - low
    from_low = replace(scale, base=low, top=scale.top + ahead, steps=scale.steps + ahead)
    return Times(bins, spread_from(batch, from_low, counted, width // _FINER))


def _bins(scale: Scale) -> tuple[int, int]:
    """How wide bins are, and where the first begins."""
    width = next(one for one in _TIME_BINS if scale.top // one < _BINS)
    return width, scale.base // width * width
