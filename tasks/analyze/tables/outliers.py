"""Outliers by the interquartile range, exact: the bounds, and the most extreme rows beyond them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import CLOCK
from tasks.analyze.exact import Moments, shown
from tasks.analyze.look import Look
from tasks.analyze.measures import Scale
from tasks.analyze.order import quantiles
from tasks.analyze.plain import Kind
from tasks.analyze.schema import SCHEMAS, table_of

LISTED = 100  # rows of each measure
_FENCE = Fraction(3, 2)  # Tukey's: one and a half interquartile ranges beyond the quartiles
_QUARTILES = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))


@dataclass(frozen=True)
class Bounds:
    """What is usual of a measure, in the unit that tables show, exact."""

    scale: Scale
    moments: Moments
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


def bounds(batch: BatchFrame, scale: Scale, moments: Moments) -> Bounds | None:
    """The bounds of one measure; None where it has no value."""
    if scale.count == 0:
        return None
    return Bounds(scale, moments, *quantiles(batch, scale, _QUARTILES))


def bounds_row(batch: BatchFrame, scale: Scale, found: Bounds | None) -> dict[str, object]:
    """One row of `outlier_bounds`."""
    if found is None:
        return {"measure": scale.name, "count": 0, "below": 0, "above": 0}
    aggregates = [
        nw.when(is_beyond).then(1).count().alias(side)
        for side, is_beyond in (("below", _is_below(found)), ("above", _is_above(found)))
    ]
    beyond = batch.one(scale.measure.columns, aggregates)
    return {
        "measure": scale.name,
        "count": scale.count,
        "mean": found.moments.mean,
        "std": found.moments.std,
        "minimum": shown(found.least),
        "q1": shown(found.q1),
        "median": shown(found.median),
        "q3": shown(found.q3),
        "maximum": shown(found.most),
        "iqr": shown(found.q3 - found.q1),
        "lower_bound": shown(found.lower),
        "upper_bound": shown(found.upper),
        **beyond,
        "share": shown(Fraction(beyond["below"] + beyond["above"], scale.count)),
    }


def listing(batch: BatchFrame, found: Bounds) -> pl.DataFrame:
    """The most extreme rows of one measure, farthest from the mean first, at most `LISTED`.

    Columns are those of `outliers`, but entity and category are still plain. Ties are broken by value, start, entity
    and category, so that every engine lists the same rows.
    """
    below = _extreme_rows(batch, found, _is_below(found), descending=False)
    above = _extreme_rows(batch, found, _is_above(found), descending=True)
    mean = found.moments.exact_mean
    both = pl.concat([below.with_columns(side=pl.lit("below")), above.with_columns(side=pl.lit("above"))])
    worth = [Fraction(raw) * found.scale.measure.step for raw in both["raw"]]
    both = both.with_columns(
        pl.Series("distance", [-float(abs(one - mean)) for one in worth], dtype=pl.Float64),
        pl.Series("value", [shown(one) for one in worth], dtype=pl.Float64),
        pl.Series("z_score", [_z_score(one, found.moments) for one in worth], dtype=pl.Float64),
    )
    ordered = both.sort("distance", "value", "started_at", "entity", "category").head(LISTED)
    rank = pl.int_range(1, pl.len() + 1).alias("rank")
    return ordered.select(pl.lit(found.scale.name).alias("measure"), rank, *list(SCHEMAS["outliers"])[2:])


def _extreme_rows(batch: BatchFrame, found: Bounds, is_beyond: nw.Expr, *, descending: bool) -> pl.DataFrame:
    roles = batch.contract.roles
    played = {"started_at": CLOCK if roles.start else None, "entity": roles.entity, "category": roles.category}
    present = {name: column for name, column in played.items() if column is not None}
    frame = batch.frame(*found.scale.measure.columns, *present.values()).filter(is_beyond)
    named = [nw.col(column).alias(name) for name, column in present.items()]
    order = ["raw", *present]
    picked = frame.select(found.scale.measure.raw.alias("raw"), *named)
    rows = batch.collect(picked.sort(order, descending=[descending, *[False] * len(present)]).head(LISTED))
    return rows.with_columns(pl.lit(None).alias(name) for name, column in played.items() if column is None)


def _z_score(value: Fraction, moments: Moments) -> float | None:
    """How many standard deviations above the mean; None where all values are the same."""
    return shown(float(value - moments.exact_mean) / moments.std) if moments.std else None


def _is_below(found: Bounds) -> nw.Expr:
    measure = found.scale.measure
    bound = found.lower / measure.step
    return measure.raw < (_float_at(bound, up=True) if measure.kind == Kind.FLOAT else _int64(math.ceil(bound)))


def _is_above(found: Bounds) -> nw.Expr:
    measure = found.scale.measure
    bound = found.upper / measure.step
    return measure.raw > (_float_at(bound, up=False) if measure.kind == Kind.FLOAT else _int64(math.floor(bound)))


def _float_at(bound: Fraction, *, up: bool) -> float:
    """The float next to a bound, on the side where comparing with it is the same as comparing with the bound."""
    near = float(bound)
    if up:
        return near if Fraction(near) >= bound else math.nextafter(near, math.inf)
    return near if Fraction(near) <= bound else math.nextafter(near, -math.inf)


def _int64(bound: int) -> int:
    return max(min(bound, 2**63 - 1), -(2**63))


def outlier_tables(
    batch: BatchFrame, look: Look, sessions: pl.DataFrame | None, distribution: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables `outlier_bounds` and `outliers`.

    Args:
        batch: the accepted rows.
        look: their first look.
        sessions: session metrics, and
        distribution: event distribution, for the names that entities and categories have in tables.
    """
    rows, listings = [], [pl.DataFrame(schema=SCHEMAS["outliers"])]
    for scale, moments in look.outlier_scales:
        found = bounds(batch, scale, moments)
        rows.append(bounds_row(batch, scale, found))
        if found is not None and not _is_personal(batch, scale):
            listed = _named(listing(batch, found), "entity", sessions)
            listings.append(_named(listed, "category", distribution).cast(SCHEMAS["outliers"]))
    return table_of("outlier_bounds", rows), pl.concat(listings)


def _is_personal(batch: BatchFrame, scale: Scale) -> bool:
    return not batch.contract.personal_columns.isdisjoint(scale.measure.columns)


def _named(listed: pl.DataFrame, role: str, table: pl.DataFrame | None) -> pl.DataFrame:
    """Put the names that another table gives to entities or categories in the place of the plain ones."""
    if table is None:
        return listed
    names = table.select(pl.col(f"__{role}"), pl.col(role).alias("__name"))
    joined = listed.join(names, left_on=role, right_on=f"__{role}", how="left", maintain_order="left")
    return joined.with_columns(pl.col("__name").alias(role)).select(listed.columns)
