"""Outliers by the interquartile range: the bounds from a spread, and the most extreme rows beyond them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import CLOCK
from tasks.analyze.exact import shown
from tasks.analyze.measures import Measure
from tasks.analyze.ranks import ALL, Key, Ranks
from tasks.analyze.schemas import SCHEMAS
from tasks.analyze.sums import Moments

LISTED = 100  # rows of each measure
_AT_ONCE = 100_000  # rows that are held to list some of them
_FENCE = Fraction(3, 2)  # Tukey's: one and a half interquartile ranges beyond the quartiles
_NORMAL = 0.6744897501960817  # median distance from the median of a normal distribution, in standard deviations
_FIVE = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))


Played = Mapping[str, str | None]  # what a row is listed with, and the column that says it


class Five(NamedTuple):
    """What is usual of a measure, exact, in the unit that tables show."""

    least: Fraction
    q1: Fraction
    median: Fraction
    q3: Fraction
    most: Fraction

    @property
    def lower(self) -> Fraction:
        """Values below it are outliers."""
        return self.q1 - _FENCE * (self.q3 - self.q1)

    @property
    def upper(self) -> Fraction:
        """Values above it are outliers."""
        return self.q3 + _FENCE * (self.q3 - self.q1)


class Bounds(NamedTuple):
    """What is usual, and how many values lie beyond it."""

    five: Five
    total: int
    below: int
    above: int
    mad: Fraction


def five_of(ranks: Ranks) -> Five:
    """Quartiles and extremes of all rows; there must be a value."""
    return Five(*ranks.quantiles({ALL: _FIVE})[ALL])


def bounds_of(ranks: Ranks, keys: Sequence[Key]) -> dict[Key, Bounds]:
    """The bounds of all rows or of categories, each of which must have a value."""
    five = {key: Five(*values) for key, values in ranks.quantiles(dict.fromkeys(keys, _FIVE)).items()}
    below = ranks.below({key: [one.lower] for key, one in five.items()})
    within = ranks.below({key: [one.upper] for key, one in five.items()}, or_equal=True)
    mad = ranks.median_distance({key: one.median for key, one in five.items()})
    totals = {key: ranks.ladder(key).total for key in keys}
    return {key: Bounds(five[key], totals[key], below[key][0], totals[key] - within[key][0], mad[key]) for key in keys}


def bounds_row(bounds: Bounds, moments: Moments) -> dict[str, object]:
    """Bounds as tables show them."""
    five = bounds.five
    return {
        "count": bounds.total,
        "mean": moments.mean,
        "std": moments.std,
        "minimum": shown(five.least),
        "q1": shown(five.q1),
        "median": shown(five.median),
        "q3": shown(five.q3),
        "maximum": shown(five.most),
        "iqr": shown(five.q3 - five.q1),
        "lower_bound": shown(five.lower),
        "upper_bound": shown(five.upper),
        "below": bounds.below,
        "above": bounds.above,
        "share": shown(Fraction(bounds.below + bounds.above, bounds.total)),
        "mad": shown(bounds.mad),
    }


class Measured(NamedTuple):
    """What is known of a measure whose extreme rows are wanted."""

    ranks: Ranks
    bounds: Bounds
    moments: Moments


def outlier_rows(batch: BatchFrame, known: Sequence[Measured]) -> Iterator[pl.DataFrame]:
    """The most extreme rows of each measure, farthest from the mean first, at most `LISTED`.

    Columns are those of `outliers`, but entity and category are still plain. Ties are broken by value, start, entity
    and category, so that every engine lists the same rows.
    """
    if not known:
        return
    ends = [(_end(one, largest=False), _end(one, largest=True)) for one in known]
    all_ends = [end for both in ends for end in both]
    columns = list(dict.fromkeys(_columns(batch, all_ends)))
    frame, collect = batch.frame(*columns), batch.collect
    if sum(end.rows for end in all_ends) <= _AT_ONCE:  # one query for all of them
        is_in = nw.any_horizontal(*(end.is_in for end in all_ends), ignore_nulls=True)
        frame, collect = nw.from_native(batch.engine.picked(columns, is_in).lazy()), _collect
    for one, both in zip(known, ends, strict=True):
        below, above = (_extreme_rows(frame, collect, end, _played(batch)) for end in both)
        yield _listed(
            one, pl.concat([below.with_columns(side=pl.lit("below")), above.with_columns(side=pl.lit("above"))])
        )


def _listed(known: Measured, both: pl.DataFrame) -> pl.DataFrame:
    """The rows of both ends as the table shows them."""
    bounds, moments, scale = known.bounds, known.moments, known.ranks.spread.scale
    worth = [Fraction(one) * scale.measure.step for one in both["raw"]]
    distance = [-float(abs(one - moments.exact_mean)) for one in worth]
    ordered = both.with_columns(
        pl.Series("distance", distance, dtype=pl.Float64),
        pl.Series("value", [shown(one) for one in worth], dtype=pl.Float64),
        pl.Series("z_score", [_z_score(one, moments) for one in worth], dtype=pl.Float64),
        pl.Series("robust_z_score", [_robust_z_score(one, bounds) for one in worth], dtype=pl.Float64),
    ).sort("distance", "value", "started_at", "entity", "category")
    rank = pl.int_range(1, pl.len() + 1).alias("rank")
    listed = ordered.head(LISTED).select(pl.lit(scale.name).alias("measure"), rank, pl.exclude("raw", "distance"))
    return listed.select(SCHEMAS["outliers"].names())


class _End(NamedTuple):
    """The largest or the smallest rows of a measure."""

    measure: Measure
    largest: bool
    is_in: nw.Expr
    rows: int  # at most; ties and all


def _end(known: Measured, *, largest: bool) -> _End:
    measure, five = known.ranks.spread.scale.measure, known.bounds.five
    rows = known.bounds.above if largest else known.bounds.below
    is_in = measure.raw > measure.at_most(five.upper) if largest else measure.raw < measure.at_least(five.lower)
    if rows > LISTED:  # a farther bound, which few are beyond
        bound, rows = known.ranks.extreme(LISTED, largest=largest)
        is_in &= measure.raw >= measure.at_least(bound) if largest else measure.raw <= measure.at_most(bound)
    return _End(measure, largest, is_in, rows)


def _columns(batch: BatchFrame, ends: Sequence[_End]) -> Iterator[str]:
    """The columns that rows are picked and listed by."""
    yield from (name for end in ends for name in end.measure.columns)
    yield from (name for name in _played(batch).values() if name is not None)


def _extreme_rows(
    frame: nw.LazyFrame[Any], collect: Callable[[nw.LazyFrame[Any]], pl.DataFrame], end: _End, played: Played
) -> pl.DataFrame:
    present = {name: column for name, column in played.items() if column is not None}
    named = [nw.col(column).alias(name) for name, column in present.items()]
    picked = (frame.filter(end.is_in) if end.rows else frame.head(0)).select(end.measure.raw.alias("raw"), *named)
    order = [end.largest, *[False] * len(present)]
    rows = collect(picked.sort(["raw", *present], descending=order).head(LISTED))
    rows = rows.with_columns(pl.lit(None).alias(name) for name, column in played.items() if column is None)
    return rows.select("raw", *played)


def _collect(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    lazy: pl.LazyFrame = frame.to_native()
    return lazy.collect()


def _played(batch: BatchFrame) -> Played:
    roles = batch.contract.roles
    return {"started_at": CLOCK if roles.start else None, "entity": roles.entity, "category": roles.category}


def _z_score(value: Fraction, moments: Moments) -> float | None:
    """How many standard deviations above the mean; None where all values are the same."""
    return shown(float(value - moments.exact_mean) / moments.std) if moments.std else None


def _robust_z_score(value: Fraction, bounds: Bounds) -> float | None:
    """As the z-score, but from the median and its median distance, which outliers do not move."""
    return shown(_NORMAL * float((value - bounds.five.median) / bounds.mad)) if bounds.mad else None
