"""Measures: what can be added up and ranked, as whole steps above a base, so that every sum is exact.

A measure's steps are never negative and are small enough for the sums that are asked of them, so that Int64 is
enough on every engine. Real floats are put on a grid of 2**52 steps between zero and the largest magnitude: no coarser
than the rounding of an ordinary float sum, but the same in any order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import narwhals as nw

from expectations.contract import Contract
from tasks.analyze.plain import SECOND, SECONDS_PER_UNIT, Kind, kind_of, step_of

_FLOAT_BITS = 52
_WIDEST = 2**62  # integers that lie farther apart than this are put on a grid as well


@dataclass(frozen=True)
class Measure:
    """A column, or a difference of two, before its extent is known."""

    name: str
    columns: tuple[str, ...]
    kind: Kind
    step: Fraction  # what a step is worth in the unit that tables show
    raw: nw.Expr


@dataclass(frozen=True)
class Scale:
    """A measure as steps from 0 to `top` above `base`; worth = (base + steps) * step."""

    measure: Measure
    count: int
    base: int
    top: int
    step: Fraction
    steps: nw.Expr
    least: float | int | None  # as the engine holds them; None of nothing
    most: float | int | None

    is_rounded: bool = False  # the steps are a grid that values were rounded to

    @property
    def name(self) -> str:
        """The measure's name."""
        return self.measure.name

    def worth(self, steps: Fraction | int) -> Fraction:
        """What some steps above the base are worth, in the unit that tables show."""
        return (self.base + steps) * self.step


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
        return Measure("duration_seconds", column.columns, column.kind, step, column.raw)
    if roles.start is None or roles.end is None:
        return None
    lasted = nw.col(roles.end) - nw.col(roles.start)
    return Measure("duration_seconds", (roles.start, roles.end), Kind.STEPS, Fraction(1, SECOND), lasted)


def timed(duration: Measure) -> Measure:
    """Durations that count in statistics: not missing, not negative."""
    kept = nw.when(duration.raw >= 0).then(duration.raw)
    return Measure(duration.name, duration.columns, duration.kind, duration.step, kept)


def value_measure(contract: Contract) -> Measure | None:
    """What each row is worth. None without the role."""
    if contract.roles.value is None:
        return None
    column = column_measure(contract, contract.roles.value)
    return Measure("value", column.columns, column.kind, column.step, column.raw)


def extent(measure: Measure, prefix: str) -> list[nw.Expr]:
    """What has to be known of a measure before it can be put on steps."""
    return [
        measure.raw.count().alias(f"{prefix}_count"),
        measure.raw.min().alias(f"{prefix}_min"),
        measure.raw.max().alias(f"{prefix}_max"),
    ]


def scale_of(measure: Measure, prefix: str, found: Mapping[str, Any]) -> Scale:
    """Put a measure on steps, from the extent that was found."""
    return _scale(measure, found[f"{prefix}_count"], found[f"{prefix}_min"], found[f"{prefix}_max"])


def _scale(measure: Measure, count: int, least: float | None, most: float | None) -> Scale:
    if least is None or most is None:
        return Scale(measure, 0, 0, 0, measure.step, measure.raw.cast(nw.Int64), None, None)
    if measure.kind == Kind.FLOAT or int(most) - int(least) > _WIDEST:
        return _rounded_scale(measure, count, least, most)
    base, top = int(least), int(most) - int(least)
    return Scale(measure, count, base, top, measure.step, measure.raw - base, int(least), int(most))


def _rounded_scale(measure: Measure, count: int, least: float, most: float) -> Scale:
    shift = min(_FLOAT_BITS - math.frexp(float(max(abs(least), abs(most))))[1], 1000)
    factor = 2.0**shift

    def grid(value: float) -> int:
        return math.floor(float(value) * factor + 0.5)

    steps = (measure.raw.cast(nw.Float64) * factor + 0.5).floor().cast(nw.Int64) - grid(least)
    step = measure.step * (Fraction(1, 2**shift) if shift >= 0 else Fraction(2**-shift))
    return Scale(measure, count, grid(least), grid(most) - grid(least), step, steps, least, most, is_rounded=True)
