"""Sums of a measure by group: counts, totals, means and deviations, from exact sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import narwhals as nw
import polars as pl

from tasks.analyze.exact import DDOF, Digits, deviation, digits_of, scaled, shown, shown_all
from tasks.analyze.measures import WIDEST_SQUARED, Scale
from tasks.analyze.plain import Kind
from tasks.analyze.spread import CATEGORY, Spread
from tasks.analyze.tally import Extremes


@dataclass(frozen=True)
class Moments:
    """How many values there are, what they sum up to, and how they vary; in the unit that tables show."""

    count: int
    exact_total: Fraction
    std: float | None
    is_rounded: bool

    @property
    def total(self) -> float:
        """The sum."""
        return shown(self.exact_total) if self.is_rounded else float(self.exact_total)

    @property
    def exact_mean(self) -> Fraction:
        """The mean, before any rounding; there must be a value."""
        return self.exact_total / self.count

    @property
    def mean(self) -> float | None:
        """The mean; None of nothing."""
        return shown(self.exact_mean) if self.count else None


def moments_of(spread: Spread, category: object = None) -> Moments:
    """The moments of all rows, or of those of one category (plain)."""
    scale = spread.scale
    sums = _with_rests(spread)
    sums = sums if category is None else sums.filter(pl.col(CATEGORY) == category)
    found = sums.select(_count(), _sum()).collect().row(0, named=True)
    count, total, squares = int(found["n"] or 0), int(found["sum"] or 0), _squares(sums, scale.top)
    std = None
    if count > DDOF:
        variance = Fraction(count * squares - total * total, count * (count - DDOF))
        std = shown(float(variance) ** 0.5 * float(scale.step))
    return Moments(count, (count * scale.base + total) * scale.step, std, scale.is_rounded)


def sums_by_category(spread: Spread) -> pl.DataFrame:
    """By `CATEGORY`: `<measure>_n`, and what `finished` makes of the sums."""
    name = spread.scale.name
    grouped = _with_rests(spread).group_by(CATEGORY).agg(_count().alias(f"{name}_n"), _sum().alias(f"{name}_sum"))
    return finished(grouped.collect(), spread.scale)


@dataclass(frozen=True)
class GroupSums:
    """How a measure is added up by group.

    Tally `counts` and `columns`, put what is found together by `sums`, make it `finished`.
    """

    scale: Scale
    digits: Digits
    are_all_there: bool  # so that a group has as many values as rows

    @property
    def counts(self) -> dict[str, nw.Expr]:
        """Whether a row counts."""
        return {} if self.are_all_there else {f"{self.scale.name}_n": ~self.scale.measure.raw.is_null()}

    @property
    def columns(self) -> dict[str, nw.Expr]:
        """What each row adds."""
        return self.digits.columns(self.scale.steps)

    def sums(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Put a result together: `<measure>_n`, `<measure>_sum` and, with squares, `<measure>_squares`."""
        found = self.digits.sums(frame)
        return found.with_columns(pl.col("count").alias(f"{self.scale.name}_n")) if self.are_all_there else found

    @property
    def extremes(self) -> dict[str, Extremes]:
        """Least and most."""
        measure = self.scale.measure
        return {self.scale.name: Extremes(measure.raw, measure.kind == Kind.FLOAT, self.are_all_there)}


def group_sums(scale: Scale, rows: int, *, with_squares: bool = False) -> GroupSums:
    """Prepare to add up a measure by group."""
    digits = digits_of(scale.name, scale.top, rows, with_squares=with_squares)
    return GroupSums(scale, digits, are_all_there=scale.count == rows)


def added_up(several: Sequence[GroupSums]) -> tuple[dict[str, nw.Expr], dict[str, nw.Expr]]:
    """What a tally of several measures adds up, and what it counts."""
    sums = {name: value for one in several for name, value in one.columns.items()}
    return sums, {name: value for one in several for name, value in one.counts.items()}


def finished(frame: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """Make `<measure>_total`, `_mean`, and where there is what they take `_std`, `_min` and `_max`, from exact sums."""
    name, step = scale.name, scale.measure.step
    count, total = pl.col(f"{name}_n").cast(pl.Int64).fill_null(0), pl.col(f"{name}_sum").cast(pl.Int128)
    whole = scaled(total + count * pl.lit(scale.base, pl.Int128), scale.step)
    made = {f"{name}_n": count, f"{name}_total": whole, f"{name}_mean": whole / count.replace(0, None)}
    if f"{name}_squares" in frame.columns:
        made[f"{name}_std"] = deviation(name) * float(scale.step)
    for end in ("min", "max"):
        if f"{name}_{end}" in frame.columns:
            made[f"{name}_{end}"] = scaled(pl.col(f"{name}_{end}"), step)
    frame = frame.with_columns(**made).drop(f"{name}_sum", f"{name}_squares", strict=False)
    computed = [f"{name}_mean", f"{name}_std", *([f"{name}_total"] if scale.is_rounded else [])]
    return frame.with_columns(shown_all(frame[one]) for one in computed if one in made)


def _with_rests(spread: Spread) -> pl.LazyFrame:
    nothing = [pl.lit(0, pl.Int128).alias(name) for name in ("rest_sum", "rest_squares")]
    sums = spread.sums.lazy()
    return sums if "rest_sum" in spread.sums.columns else sums.with_columns(nothing)


def _count() -> pl.Expr:
    return pl.col("count").sum().alias("n")


def _sum() -> pl.Expr:
    low, count = pl.col("low").cast(pl.Int128), pl.col("count").cast(pl.Int128)
    return (low * count + pl.col("rest_sum")).sum().alias("sum")


def _squares(sums: pl.LazyFrame, top: int) -> int:
    """The sum of the squared steps."""
    if top <= WIDEST_SQUARED:
        low, count = pl.col("low").cast(pl.Int128), pl.col("count").cast(pl.Int128)
        squares = low * low * count + low * 2 * pl.col("rest_sum") + pl.col("rest_squares")
        return int(sums.select(squares.sum()).collect().item() or 0)
    rows = (
        sums.select("low", "count", "rest_sum", "rest_squares").collect().iter_rows()
    )  # past 128 bits: Python's own numbers
    return sum(low * low * count + 2 * low * rest + squares for low, count, rest, squares in rows)
