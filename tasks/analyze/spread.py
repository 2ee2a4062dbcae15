"""How a measure is spread, exact, in bounded memory and with few passes, on every engine.

One pass counts the values in buckets, and adds up what each is above its bucket's lower end. Where a measure has few
different values, as cents and whole seconds mostly do, a bucket is a single value and everything else follows from the
counts. Elsewhere buckets that hold many values are cut again, and the few values around a wanted rank are fetched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.exact import Digits, digits_of, floor_divided
from tasks.analyze.measures import Scale
from tasks.analyze.tally import Members, Numbers, Tally

_BUCKET_BITS = 20  # at most a million buckets of a category
_ALL_BITS = 23  # and eight millions of all categories together
_CUT_BITS = 12  # a time's buckets, whose ranks only are asked for, are cut into some four thousand
_MANY = 200_000  # values in a bucket that is cut again
_COUNT = nw.len().alias("count")

CATEGORY = "__category"


@dataclass(frozen=True)
class Spread:
    """A measure's values in buckets.

    `buckets` has a row for each bucket that holds values, for each category apart: `CATEGORY` (plain; null where there
    is none, or none was asked for), `low` and `high` (steps, both included) and `count`. `sums` has, for the buckets of
    the first pass, `low`, `count`, and exact sums of the steps above `low`, `rest_sum` and `rest_squares`, which are
    left out where each bucket is a single step.
    """

    scale: Scale
    category: str | None
    buckets: pl.DataFrame
    sums: pl.DataFrame


def spread_from(batch: BatchFrame, scale: Scale, counted: pl.DataFrame, width: int) -> Spread:
    """Go on from `count` values in each `bucket` of some width, counted already; there are no sums."""
    return _refined(batch, scale, None, _CUT_BITS, width, _placed(counted.select("bucket", "count"), width))


def spread_tally(scale: Scale, category: str | None = None, known: pl.Series | None = None) -> Tally:
    """What `spread_of` begins with: how many values are in each bucket, and how far above its lower end.

    Args:
        scale: the measure.
        category: a column to count by.
        known: its different values.
    """
    width = _width(scale, _first_bits(known))
    steps = scale.steps
    bucket = Numbers("bucket", floor_divided(steps, width, scale.top), scale.top // width + 1)
    by = [Members(CATEGORY, category, scale.count, known, keeps_missing=True)] if category else []
    sums = _rests(scale, width).columns(steps % width) if width > 1 else {}
    return Tally((*by, bucket), scale.measure.columns, sums)


def spread_of(
    batch: BatchFrame,
    scale: Scale,
    category: str | None = None,
    known: pl.Series | None = None,
    found: pl.DataFrame | None = None,
) -> Spread:
    """Count a measure's values in buckets.

    Args:
        batch: the accepted rows.
        scale: the measure.
        category: a column to count by.
        known: its different values.
        found: the result of `spread_tally` for these, if it was asked for already.
    """
    if found is None:
        (found,) = batch.engine.tallied([spread_tally(scale, category, known)])
    bits = _first_bits(known)
    width = _width(scale, bits)
    first = _placed(_rests(scale, width).sums(found) if width > 1 else found, width)
    return _refined(batch, scale, category, bits, width, first)


def _width(scale: Scale, bits: int) -> int:
    return 1 << max(scale.top.bit_length() - bits, 0)


def _first_bits(categories: pl.Series | None) -> int:
    """How many buckets there may be, as a power of two."""
    many = 1 if categories is None else categories.len()
    return max(min(_BUCKET_BITS, _ALL_BITS - max(many - 1, 0).bit_length()), 4)


def _rests(scale: Scale, width: int) -> Digits:
    """How what values are above their bucket's lower end is added up."""
    return digits_of("rest", width - 1, scale.count, with_squares=True)


def _refined(  # noqa: PLR0917  (what is counted, then how)
    batch: BatchFrame, scale: Scale, category: str | None, bits: int, width: int, first: pl.DataFrame
) -> Spread:
    done, heavy = _parted(first)
    while not heavy.is_empty():
        lows = heavy["low"].unique().sort().to_list()
        finer = _divided(width, 1 << max(bits - len(lows).bit_length(), 1))
        light, heavy = _parted(_cut_again(batch, scale, category, finer, (width, lows)))
        done, width = pl.concat([done, light]), finer
    return Spread(scale, category, done.sort("low"), first)


def fetch(batch: BatchFrame, spread: Spread, lows: Iterable[int]) -> pl.DataFrame:
    """The values in some buckets, named by their lower ends: `CATEGORY`, `low`, `raw` and `count`, by `raw`."""
    known = spread.buckets.select("low", "high").unique("low").sort("low")
    wanted = known.filter(pl.col("low").is_in(sorted(set(lows))))
    inside = [_bucket(spread.scale, width).is_in([low // width for low in at]) for width, at in _widths(wanted).items()]
    frame = _frame(batch, spread.scale, spread.category)
    frame = frame.filter(reduce(or_, inside)) if inside else frame.head(0)
    values = batch.collect(frame.group_by(_keys(spread.category, "raw", "steps")).agg(_COUNT))
    if spread.category is None:
        values = values.with_columns(pl.lit(None).alias(CATEGORY))
    placed = values.sort("steps", "raw").join_asof(wanted, left_on="steps", right_on="low", coalesce=False)
    return placed.select(CATEGORY, "low", "raw", pl.col("count").cast(pl.Int64))


def _divided(width: int, parts: int) -> int:
    """The width of at least so many equal parts of a bucket, of which none crosses its ends."""
    return next((width // many for many in range(parts, width) if width % many == 0), 1)


def _widths(wanted: pl.DataFrame) -> dict[int, list[int]]:
    """Lower ends by the width of their buckets."""
    widths: dict[int, list[int]] = {}
    for low, high in wanted.iter_rows():
        widths.setdefault(high - low + 1, []).append(low)
    return widths


def _cut_again(
    batch: BatchFrame, scale: Scale, category: str | None, width: int, within: tuple[int, list[int]]
) -> pl.DataFrame:
    """Count by narrower buckets inside some buckets: those of a width, at their lower ends."""
    coarse, lows = within
    frame = _frame(batch, scale, category).filter(_bucket(scale, coarse).is_in([low // coarse for low in lows]))
    keys = _keys(category, "bucket")
    found = batch.collect(frame.with_columns(bucket=_bucket(scale, width).cast(nw.Int64)).group_by(keys).agg(_COUNT))
    return _placed(found, width)


def _frame(batch: BatchFrame, scale: Scale, category: str | None) -> nw.LazyFrame[Any]:
    """The measure as `raw` and `steps`, and the category; rows without the measure are left out."""
    frame = batch.frame(*scale.measure.columns, *([category] if category else []))
    named = [nw.col(category).alias(CATEGORY)] if category else []
    steps = frame.select(*named, scale.measure.raw.alias("raw"), scale.steps.alias("steps"))
    return steps.filter(~nw.col("steps").is_null())


def _keys(category: str | None, *others: str) -> list[str]:
    return [CATEGORY, *others] if category else list(others)


def _bucket(scale: Scale, width: int) -> nw.Expr:
    return floor_divided(nw.col("steps"), width, scale.top)


def _placed(found: pl.DataFrame, width: int) -> pl.DataFrame:
    """Name the buckets by their lower and higher ends."""
    low = pl.col("bucket").cast(pl.Int64) * width
    placed = found.with_columns(pl.col("count").cast(pl.Int64), low=low, high=low + (width - 1)).drop("bucket")
    return placed if CATEGORY in placed.columns else placed.with_columns(pl.lit(None).alias(CATEGORY))


def _parted(counted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Buckets that are good as they are, and those to be cut again."""
    ranges = counted.select(CATEGORY, "low", "high", "count")
    is_heavy = (pl.col("count").sum().over("low") > _MANY) & (pl.col("low") < pl.col("high"))
    return ranges.filter(~is_heavy), ranges.filter(is_heavy)
