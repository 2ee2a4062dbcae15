"""Outliers by the interquartile range: the bounds from a spread, and the most extreme rows beyond them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import CLOCK
from tasks.analyze.exact import shown
from tasks.analyze.ranks import ALL, Key, Ranks
from tasks.analyze.schemas import SCHEMAS
from tasks.analyze.sums import Moments

LISTED = 100  # rows of each measure
_FENCE = Fraction(3, 2)  # Tukey's: one and a half interquartile ranges beyond the quartiles
_NORMAL = 0.6744897501960817  # median distance from the median of a normal distribution, in standard deviations
_FIVE = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))


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


def outlier_rows(ranks: Ranks, bounds: Bounds, moments: Moments) -> pl.DataFrame:
    """The most extreme rows of one measure, farthest from the mean first, at most `LISTED`.

    Columns are those of `outliers`, but entity and category are still plain. Ties are broken by value, start, entity
    and category, so that every engine lists the same rows.
    """
    scale = ranks.spread.scale
    below = _extreme_rows(ranks, bounds.five.lower, bounds.below, largest=False)
    above = _extreme_rows(ranks, bounds.five.upper, bounds.above, largest=True)
    both = pl.concat([below.with_columns(side=pl.lit("below")), above.with_columns(side=pl.lit("above"))])
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


def _extreme_rows(ranks: Ranks, bound: Fraction, count: int, *, largest: bool) -> pl.DataFrame:
    """The most extreme of the `count` rows beyond a bound."""
    batch, measure = ranks.batch, ranks.spread.scale.measure
    played = _played(batch)
    present = {name: column for name, column in played.items() if column is not None}
    frame = batch.frame(*measure.columns, *present.values())
    if count > LISTED:  # few beyond a farther bound are sorted much faster
        farther = ranks.extreme(LISTED, largest=largest)
        frame = frame.filter(
            measure.raw >= measure.at_least(farther) if largest else measure.raw <= measure.at_most(farther)
        )
    frame = frame.filter(measure.raw > measure.at_most(bound) if largest else measure.raw < measure.at_least(bound))
    named = [nw.col(column).alias(name) for name, column in present.items()]
    picked = (frame if count else frame.head(0)).select(measure.raw.alias("raw"), *named)
    order = [largest, *[False] * len(present)]
    rows = batch.collect(picked.sort(["raw", *present], descending=order).head(LISTED))
    rows = rows.with_columns(pl.lit(None).alias(name) for name, column in played.items() if column is None)
    return rows.select("raw", *played)


def _played(batch: BatchFrame) -> Mapping[str, str | None]:
    roles = batch.contract.roles
    return {"started_at": CLOCK if roles.start else None, "entity": roles.entity, "category": roles.category}


def _z_score(value: Fraction, moments: Moments) -> float | None:
    """How many standard deviations above the mean; None where all values are the same."""
    return shown(float(value - moments.exact_mean) / moments.std) if moments.std else None


def _robust_z_score(value: Fraction, bounds: Bounds) -> float | None:
    """As the z-score, but from the median and its median distance, which outliers do not move."""
    return shown(_NORMAL * float((value - bounds.five.median) / bounds.mad)) if bounds.mad else None
