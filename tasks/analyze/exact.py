"""Sums that are exact on every engine.

Whole numbers are cut into digits so small that no sum of digits, or of products of two digits, can pass Int64. Put
together again they are whole numbers of up to 127 bits, or Python's own, and only the end result is a float.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import narwhals as nw
import polars as pl

DDOF = 1  # every standard deviation here is that of a sample
SIGNIFICANT_DIGITS = 12  # of what is computed rather than counted: means, deviations, shares, p-values

_INT64_BITS = 63
_INT128_BITS = 127
_EXACT_FLOAT = 2**53


@dataclass(frozen=True)
class Digits:
    """How one column of whole numbers, none negative, is added up: sum `columns`, then take `sums`."""

    name: str
    bits: int
    count: int
    with_squares: bool

    def columns(self, steps: nw.Expr) -> dict[str, nw.Expr]:
        """The digits of each row, and the products of any two of them."""
        digits = [self._digit(steps, at) for at in range(self.count)]
        made = {self._sum(at): digit for at, digit in enumerate(digits)}
        return made | {self._product(a, b): digits[a] * digits[b] for a, b in self._pairs()}

    def sums(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Put the digits of a result together: `<name>_sum` and, with squares, `<name>_squares`."""
        wide = frame.with_columns(pl.col(self._names()).cast(pl.Int128).fill_null(0))
        total = sum((pl.col(self._sum(at)) * (1 << self.bits * at) for at in range(self.count)), pl.lit(0, pl.Int128))
        made = [total.alias(f"{self.name}_sum")]
        if self.with_squares:
            squares = (pl.col(self._product(a, b)) * self._weight(a, b) for a, b in self._pairs())
            made.append(sum(squares, pl.lit(0, pl.Int128)).alias(f"{self.name}_squares"))
        return wide.with_columns(made).drop(self._names())

    @property
    def names(self) -> list[str]:
        """The columns that hold the digits, the lowest first."""
        return [self._sum(at) for at in range(self.count)]

    def whole(self, sums: Mapping[str, int]) -> tuple[int, int]:
        """Sum and sum of squares from one row of a result, of any size."""
        total = sum(sums[name] << (self.bits * at) for at, name in enumerate(self.names))
        squares = sum(
            sums[self._product(a, b)] * (1 if a == b else 2) << (self.bits * (a + b)) for a, b in self._pairs()
        )
        return total, squares

    def _digit(self, steps: nw.Expr, at: int) -> nw.Expr:
        low = floor_divided(steps, 2 ** (self.bits * at), 2 ** (self.bits * self.count)) if at else steps
        return low % 2**self.bits if at < self.count - 1 else low

    def _pairs(self) -> Iterator[tuple[int, int]]:
        for a in range(self.count if self.with_squares else 0):
            for b in range(a, self.count):
                yield a, b

    def _weight(self, a: int, b: int) -> pl.Expr:
        return pl.lit((1 if a == b else 2) << (self.bits * (a + b)), pl.Int128)

    def _names(self) -> list[str]:
        return self.names + [self._product(a, b) for a, b in self._pairs()]

    def _sum(self, at: int) -> str:
        return f"{self.name}__{at}"

    def _product(self, a: int, b: int) -> str:
        return f"{self.name}__{a}_{b}"


def digits_of(name: str, top: int, rows: int, *, with_squares: bool = False) -> Digits:
    """Choose digits so small that nothing can overflow over `rows` whole numbers from 0 to `top`.

    Squares are for numbers up to 2**50: over 2**26 rows their sum just fits.
    """
    spare = _INT64_BITS - 1 - rows.bit_length()
    widest = spare // 2 if with_squares else spare
    needed = max(top.bit_length(), 1)
    total = rows * (top * top if with_squares else top)
    count = 1 if total < 2**_INT64_BITS else math.ceil(needed / widest)
    return Digits(name, math.ceil(needed / count), count, with_squares)


def floor_divided(steps: nw.Expr, divisor: int, top: int) -> nw.Expr:
    """Whole division of numbers from 0 to `top`, right also on engines that divide in floating point."""
    if divisor == 1:
        return steps
    return steps // divisor if top < _EXACT_FLOAT else (steps - steps % divisor) // divisor


def deviation(name: str) -> pl.Expr:
    """The standard deviation in steps, from `<name>_n`, `<name>_sum` and `<name>_squares`; null of fewer than two.

    Centred on the whole part of the mean, so that 128 bits are enough and nothing cancels.
    """
    count, total, squares = (pl.col(f"{name}_{part}").cast(pl.Int128) for part in ("n", "sum", "squares"))
    some = pl.max_horizontal(count, pl.lit(1, pl.Int128))
    whole, rest = total // some, total % some
    spread = squares - whole * (total + rest)  # of the distances to `whole`; `rest` is what that leaves out
    is_small = spread < 2**100
    exact = (pl.when(is_small).then(spread) * some - rest * rest).cast(pl.Float64)
    variance = pl.when(is_small).then(exact / some.cast(pl.Float64)).otherwise(spread.cast(pl.Float64))
    return pl.when(count > DDOF).then((variance / (some - DDOF).cast(pl.Float64)).sqrt())


def scaled(value: pl.Expr, step: Fraction) -> pl.Expr:
    """Whole steps in the unit that tables show, rounded once where the step is 1/10**n."""
    number = value.cast(pl.Float64) * float(step.numerator)
    # By a constant Polars divides by multiplying with its reciprocal, which rounds a second time: 4096.2300000000005.
    # By a column it divides.
    return number if step.denominator == 1 else number / (number * 0 + float(step.denominator))


def shown(value: Fraction | float) -> float:
    """A computed number as tables show it: rounded to 12 significant digits."""
    return float(f"{float(value):.{SIGNIFICANT_DIGITS}g}")


def shown_all(values: pl.Series) -> pl.Series:
    """`shown` for a column. Polars does the same, but for very small and very large numbers."""
    size = values.abs()
    is_odd = ((size < 1e-6) & (size > 0)) | (size > 1e15)
    rounded = values.round_sig_figs(SIGNIFICANT_DIGITS)
    if not is_odd.any():
        return rounded
    return pl.Series(values.name, [None if one is None else shown(one) for one in values], dtype=pl.Float64)
