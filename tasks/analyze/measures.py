"""Measures: what can be added up and ranked, as whole steps above a base, so that every sum is exact.

Real floats, and whole numbers that lie too far apart, are put on a grid of 2**50 steps between zero and the largest
magnitude: as fine as the rounding of an ordinary float sum, but the same in any order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import narwhals as nw

from expectations.contract import Contract
from tasks.analyze.exact import floor_divided
from tasks.analyze.plain import SECOND, SECONDS_PER_UNIT, Kind, kind_of, step_of

DURATION, VALUE = "duration_seconds", "value"  # the measures that roles make, named as tables name them
WIDEST = 2**62  # in steps
WIDEST_SQUARED = 2**50  # for measures whose squares are added up by group

_INT64 = 2**63
_FINEST = 1000  # a grid is no finer than 2**-1000: past that, two to the power of it is no float


@dataclass(frozen=True)
class Measure:
    """A column, or a difference of two, before its extent is known."""

    name: str
    columns: tuple[str, ...]
    kind: Kind
    step: Fraction  # what 1 in `raw` is worth in the unit that tables show
    raw: nw.Expr

    def at_least(self, bound: Fraction) -> float | int:
        """The smallest raw number that is worth `bound` or more."""
        exact = bound / self.step
        if self.kind == Kind.FLOAT:
            near = float(exact)
            return near if Fraction(near) >= exact else math.nextafter(near, math.inf)
        return max(min(math.ceil(exact), _INT64 - 1), -_INT64)

    def at_most(self, bound: Fraction) -> float | int:
        """The largest raw number that is worth `bound` or less."""
        exact = bound / self.step
        if self.kind == Kind.FLOAT:
            near = float(exact)
            return near if Fraction(near) <= exact else math.nextafter(near, -math.inf)
        return max(min(math.floor(exact), _INT64 - 1), -_INT64)


@dataclass(frozen=True)
class Scale:
    """A measure as whole steps from 0 to `top`; worth = (base + steps) * step."""

    measure: Measure
    count: int
    base: int
    top: int
    step: Fraction
    steps: nw.Expr
    least: float | int | None  # raw; None of nothing
    most: float | int | None
    is_rounded: bool = False  # steps are a grid that values were rounded to

    @property
    def name(self) -> str:
        """The measure's name."""
        return self.measure.name

    def worth(self, steps: int) -> Fraction:
        """What some steps are worth, in the unit that tables show."""
        return (self.base + steps) * self.step

    def step_at(self, worth: Fraction) -> int:
        """The step that holds a worth: smaller ones hold less, larger ones more."""
        place = worth / self.step - self.base
        return math.floor(place + Fraction(1, 2)) if self.is_rounded else math.floor(place)


def column_measure(contract: Contract, name: str) -> Measure:
    """A column of the contract as a measure."""
    column = contract.columns[name]
    return Measure(name, (name,), kind_of(column), step_of(column), nw.col(name))


def duration_measure(contract: Contract) -> Measure | None:
    """How long each row lasted, in seconds; negative durations are kept here. None without the roles for it."""
    roles = contract.roles
    if roles.duration is not None:
        column = column_measure(contract, roles.duration.column)
        step = column.step * SECONDS_PER_UNIT[roles.duration.unit]
        return Measure(DURATION, column.columns, column.kind, step, column.raw)
    if roles.start is None or roles.end is None:
        return None
    lasted = nw.col(roles.end) - nw.col(roles.start)
    return Measure(DURATION, (roles.start, roles.end), Kind.STEPS, Fraction(1, SECOND), lasted)


def timed(duration: Measure) -> Measure:
    """Durations that count in statistics: not missing, not negative."""
    kept = nw.when(duration.raw >= 0).then(duration.raw)
    return Measure(duration.name, duration.columns, duration.kind, duration.step, kept)


def value_measure(contract: Contract) -> Measure | None:
    """What each row is worth. None without the role."""
    if contract.roles.value is None:
        return None
    column = column_measure(contract, contract.roles.value)
    return Measure(VALUE, column.columns, column.kind, column.step, column.raw)


def extent(measure: Measure, prefix: str) -> list[nw.Expr]:
    """What has to be known of a measure before it can be put on steps."""
    return [
        measure.raw.count().alias(f"{prefix}_count"),
        measure.raw.min().alias(f"{prefix}_min"),
        measure.raw.max().alias(f"{prefix}_max"),
    ]


def scale_of(measure: Measure, prefix: str, found: Mapping[str, Any], *, unit: int = 1, widest: int = WIDEST) -> Scale:
    """Put a measure on steps, from the extent that was found.

    Args:
        measure: what is measured.
        prefix: the one given to `extent`.
        found: the result of its aggregates.
        unit: a whole number that every raw value is a multiple of.
        widest: past this many steps values are rounded to a grid.
    """
    count, least, most = int(found[f"{prefix}_count"]), found[f"{prefix}_min"], found[f"{prefix}_max"]
    if least is None or most is None:
        return Scale(measure, 0, 0, 0, measure.step, measure.raw.cast(nw.Int64), None, None)
    if measure.kind == Kind.FLOAT or int(most) - int(least) > widest * unit:
        return _rounded(measure, count, least, most)
    base, top = int(least) // unit, (int(most) - int(least)) // unit
    steps = floor_divided(measure.raw - int(least), unit, int(most) - int(least))
    return Scale(measure, count, base, top, measure.step * unit, steps, int(least), int(most))


def _rounded(measure: Measure, count: int, least: float, most: float) -> Scale:
    largest = max(abs(float(least)), abs(float(most)))
    shift = min(WIDEST_SQUARED.bit_length() - 1 - math.frexp(largest)[1], _FINEST)
    factor = 2.0**shift

    def grid(value: float) -> int:
        return math.floor(float(value) * factor + 0.5)

    steps = (measure.raw.cast(nw.Float64) * factor + 0.5).floor().cast(nw.Int64) - grid(least)
    step = measure.step * (Fraction(1, 2**shift) if shift >= 0 else Fraction(2**-shift))
    top = grid(most) - grid(least)
    return Scale(measure, count, grid(least), top, step, steps, least, most, is_rounded=True)
