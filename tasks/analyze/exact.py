"""Sums that are exact on every engine: steps are cut into digits so small that no sum of digits, or of products of
two digits, can pass Int64; put together again they are whole numbers of any size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from tasks.analyze.measures import Scale

DDOF = 1  # every standard deviation here is that of a sample
SIGNIFICANT_DIGITS = 12  # of means, deviations, shares and p-values as tables show them

_INT64_BITS = 63
_INT128_BITS = 127


@dataclass(frozen=True)
class Sums:
    """Names and expressions of the exact sums of one measure: add `columns`, then aggregate with `aggregates`."""

    scale: Scale
    bits: int
    digits: int
    with_squares: bool

    @property
    def columns(self) -> list[nw.Expr]:
        """The digits of each row's steps, and their products."""
        digits = [self._digit(at) for at in range(self.digits)]
        made = [self.scale.measure.raw.alias(self._name("n"))]
        made += [digit.alias(self._name(f"d{at}")) for at, digit in enumerate(digits)]
        made += [(digits[a] * digits[b]).alias(self._name(f"p{a}_{b}")) for a, b in self._pairs()]
        return made

    @property
    def aggregates(self) -> list[nw.Expr]:
        """Count and sums, for a group or for all rows."""
        return [nw.col(self._name("n")).count()] + [nw.col(name).sum() for name in self._summed()]

    @property
    def extremes(self) -> list[nw.Expr]:
        """Least and most, for a group."""
        raw = nw.col(self._name("n"))
        return [raw.min().alias(f"{self.scale.name}_min"), raw.max().alias(f"{self.scale.name}_max")]

    def moments(self, row: Mapping[str, Any]) -> Moments:
        """The sums of one row of the result."""
        squares = sum(_whole(row, self._name(f"p{a}_{b}")) * self._weight(a, b) for a, b in self._pairs())
        total = sum(_whole(row, self._name(f"d{at}")) << (self.bits * at) for at in range(self.digits))
        return Moments(self.scale, _whole(row, self._name("n")), total, squares)

    def finish(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add `<name>_n`, `<name>_total`, `<name>_mean` and, with squares, `<name>_std` to a result of many groups."""
        rows = frame.select(self._name("n"), *self._summed()).iter_rows(named=True)
        moments = [self.moments(row) for row in rows]
        name = self.scale.name
        made = [
            pl.Series(f"{name}_n", [one.count for one in moments], dtype=pl.Int64),
            pl.Series(f"{name}_total", [one.total for one in moments], dtype=pl.Float64),
            pl.Series(f"{name}_mean", [one.mean for one in moments], dtype=pl.Float64),
        ]
        if self.with_squares:
            made.append(pl.Series(f"{name}_std", [one.std for one in moments], dtype=pl.Float64))
        made += [
            worth(frame[one], self.scale.measure.step) for one in (f"{name}_min", f"{name}_max") if one in frame.columns
        ]
        return frame.drop(self._name("n"), *self._summed()).with_columns(made)

    def _digit(self, at: int) -> nw.Expr:
        low = floor_divided(self.scale.steps, 2 ** (self.bits * at)) if at else self.scale.steps
        return low % 2**self.bits if at < self.digits - 1 else low

    def _pairs(self) -> Iterator[tuple[int, int]]:
        for a in range(self.digits if self.with_squares else 0):
            for b in range(a, self.digits):
                yield a, b

    def _weight(self, a: int, b: int) -> int:
        return (1 if a == b else 2) << (self.bits * (a + b))

    def _summed(self) -> list[str]:
        names = [self._name(f"d{at}") for at in range(self.digits)]
        return names + [self._name(f"p{a}_{b}") for a, b in self._pairs()]

    def _name(self, part: str) -> str:
        return f"{self.scale.name}__{part}"


@dataclass(frozen=True)
class Moments:
    """Count, sum and sum of squares of a measure's steps above its base, exact."""

    scale: Scale
    count: int
    steps: int
    squares: int

    @property
    def total(self) -> float:
        """The sum, in the unit that tables show."""
        return shown(self.exact_total) if self.scale.is_rounded else float(self.exact_total)

    @property
    def exact_total(self) -> Fraction:
        """The sum, before any rounding."""
        return (self.count * self.scale.base + self.steps) * self.scale.step

    @property
    def mean(self) -> float | None:
        """The mean; None of nothing."""
        return shown(self.exact_mean) if self.count else None

    @property
    def exact_mean(self) -> Fraction:
        """The mean, before any rounding; there must be a value."""
        return self.exact_total / self.count

    @property
    def std(self) -> float | None:
        """The standard deviation of a sample; None of fewer than two."""
        if self.count <= DDOF:
            return None
        spread = self.count * self.squares - self.steps * self.steps
        variance = Fraction(spread, self.count * (self.count - DDOF))
        return shown(_root(variance) * self.scale.step)


def exact_sums(scale: Scale, rows: int, *, with_squares: bool) -> Sums:
    """Choose digits so small that nothing over `rows` rows can overflow."""
    spare = _INT64_BITS - 1 - rows.bit_length()
    widest = spare // 2 if with_squares else spare
    needed = max(scale.top.bit_length(), 1)
    digits = math.ceil(needed / widest)
    return Sums(scale, math.ceil(needed / digits), digits, with_squares)


def floor_divided(steps: nw.Expr, divisor: int) -> nw.Expr:
    """Whole division of steps that are not negative, right also on engines that divide in floating point."""
    return (steps - steps % divisor) // divisor


def shown(value: Fraction | float) -> float:
    """A number as tables show it: rounded to 12 significant digits."""
    return float(f"{float(value):.{SIGNIFICANT_DIGITS}g}")


def worth(values: pl.Series, step: Fraction) -> pl.Series:
    """Single values in the unit that tables show."""
    return pl.Series(values.name, [None if one is None else shown(Fraction(one) * step) for one in values], pl.Float64)


def _whole(row: Mapping[str, Any], name: str) -> int:
    return int(row[name] or 0)


def _root(value: Fraction) -> Fraction:
    """The square root, to far more digits than are shown."""
    shift = max(64 - (value.numerator.bit_length() - value.denominator.bit_length()) // 2, 0)
    return Fraction(math.isqrt((value.numerator << (2 * shift)) // value.denominator), 1 << shift)
