"""Exact ranks, quantiles and counts from a spread; values are fetched only where an answer hides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.spread import CATEGORY, Spread, fetch

Number = TypeVar("Number", int, float, Fraction)
Key = Any  # a category, plain; `ALL` for all rows
ALL = object()

_SLACK = 1e-9  # of a distance, when buckets are chosen in floating point; the choice may be wide, the answer is exact


@dataclass(frozen=True)
class Ladder:
    """The buckets of one category, or of all rows, in order."""

    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    before: npt.NDArray[np.int64]  # values in the buckets below

    @property
    def total(self) -> int:
        """How many values there are."""
        return int(self.count.sum())

    def holding(self, rank: int) -> int:
        """The bucket that holds a rank, 0 the smallest value."""
        return int(np.searchsorted(self.before, rank, side="right")) - 1


@dataclass
class Ranks:
    """Answers about one spread; values that were fetched once are kept."""

    batch: BatchFrame
    spread: Spread
    _ladders: dict[Key, Ladder] = field(default_factory=dict)
    _fetched: dict[tuple[Key, int], list[tuple[float | int, int]]] = field(default_factory=dict)  # raw, and how often
    _worths: dict[tuple[Key, int], list[tuple[Fraction, int]]] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def ladder(self, key: Key) -> Ladder:
        """The buckets of a category, or of all rows."""
        if key not in self._ladders:
            self._ladders[key] = _ladder(self.spread.buckets, key)
        return self._ladders[key]

    @property
    def knows_all(self) -> bool:
        """Whether every bucket is a single value, so that nothing has to be fetched."""
        buckets = self.spread.buckets
        return not self.spread.scale.is_rounded and bool((buckets["low"] == buckets["high"]).all())

    def quantiles(self, wanted: Mapping[Key, Sequence[Fraction]]) -> dict[Key, list[Fraction]]:
        """Linear quantiles as exact fractions, by category; each category asked for must have a value."""
        places = {key: [p * (self.ladder(key).total - 1) for p in shares] for key, shares in wanted.items()}
        ranks = {key: {at for place in some for at in _neighbours(place)} for key, some in places.items()}
        found = self._ranked(ranks)
        return {key: [_between(found[key], place) for place in some] for key, some in places.items()}

    def below(self, wanted: Mapping[Key, Sequence[Fraction]], *, or_equal: bool = False) -> dict[Key, list[int]]:
        """How many values are worth less (or no more) than some bounds, by category."""
        bounds = [(key, bound) for key, some in wanted.items() for bound in some]
        self._look_into(self._bucket_at(key, bound) for key, bound in bounds)
        return {key: [self._below(key, bound, or_equal=or_equal) for bound in some] for key, some in wanted.items()}

    def median_distance(self, centres: Mapping[Key, Fraction]) -> dict[Key, Fraction]:
        """The median distance of the values from a centre, by category (MAD where the centre is the median)."""
        chosen = {key: self._around(key, centre) for key, centre in centres.items()}
        self._look_into(at for key, (_, some) in chosen.items() for at in ((key, one) for one in some))
        return {key: self._median_distance(key, centres[key], *chosen[key]) for key in centres}

    def extreme(self, many: int, *, largest: bool) -> tuple[Fraction, int]:
        """A worth at or beyond which there are at least so many of the largest or smallest values, and how many.

        There must be so many; they are told by whole buckets.
        """
        ladder = self.ladder(ALL)
        way = -1 if largest else 1
        reached = np.cumsum(ladder.count[::way])
        at = int(np.searchsorted(reached, many))
        end = (ladder.low if largest else ladder.high)[::way][at]
        return self.spread.scale.worth(int(end) + way * self.spread.scale.is_rounded), int(reached[at])

    def _ranked(self, wanted: Mapping[Key, Iterable[int]]) -> dict[Key, dict[int, Fraction]]:
        places = [(key, rank, self.ladder(key).holding(rank)) for key, ranks in wanted.items() for rank in ranks]
        self._look_into((key, at) for key, _, at in places)
        found: dict[Key, dict[int, Fraction]] = {key: {} for key in wanted}
        for key, rank, at in places:
            found[key][rank] = self._value(key, at, rank - int(self.ladder(key).before[at]))
        return found

    def _value(self, key: Key, at: int, rank: int) -> Fraction:
        """The value of a rank within a bucket."""
        if self._is_single(key, at):
            return self._values(key, at)[0][0]
        raw = _pick(self._fetched[key, int(self.ladder(key).low[at])], rank)
        return Fraction(raw) * self.spread.scale.measure.step

    def _look_into(self, places: Iterable[tuple[Key, int | None]]) -> None:
        """Fetch, in one query, the values in buckets whose values are not known yet."""
        wanted = set()
        for key, at in places:
            if at is not None and not self._is_single(key, at):
                wanted.add(int(self.ladder(key).low[at]))
        if wanted - self._seen:
            fetched = fetch(self.batch, self.spread, wanted - self._seen)
            self._seen |= wanted
            self._keep(fetched)

    def _keep(self, fetched: pl.DataFrame) -> None:
        for category, low, raw, count in fetched.iter_rows():
            self._fetched.setdefault((ALL, low), []).append((raw, count))
            if self.spread.category is not None:
                self._fetched.setdefault((category, low), []).append((raw, count))

    def _is_single(self, key: Key, at: int) -> bool:
        ladder = self.ladder(key)
        return bool(ladder.low[at] == ladder.high[at]) and not self.spread.scale.is_rounded

    def _values(self, key: Key, at: int) -> list[tuple[Fraction, int]]:
        """The values of a bucket and how often each occurs, in order."""
        ladder = self.ladder(key)
        low = int(ladder.low[at])
        if self._is_single(key, at):
            return [(self.spread.scale.worth(low), int(ladder.count[at]))]
        if (key, low) not in self._worths:
            step = self.spread.scale.measure.step
            self._worths[key, low] = [(Fraction(raw) * step, count) for raw, count in self._fetched[key, low]]
        return self._worths[key, low]

    def _bucket_at(self, key: Key, bound: Fraction) -> tuple[Key, int | None]:
        """The bucket that a bound cuts; None where it falls between two."""
        step = self.spread.scale.step_at(bound)
        ladder = self.ladder(key)
        at = int(np.searchsorted(ladder.high, step, side="left")) if _fits(step) else ladder.low.size
        return key, at if at < ladder.low.size and ladder.low[at] <= step else None

    def _below(self, key: Key, bound: Fraction, *, or_equal: bool) -> int:
        ladder, step = self.ladder(key), self.spread.scale.step_at(bound)
        at = self._bucket_at(key, bound)[1]
        if at is None:
            return int(ladder.count[ladder.high < step].sum())
        cut = sum(count for value, count in self._values(key, at) if value < bound or (or_equal and value == bound))
        return int(ladder.before[at]) + cut

    def _around(self, key: Key, centre: Fraction) -> tuple[int, list[int]]:
        """Where the median distance must lie: how many values are surely nearer, and the buckets to look into."""
        ladder, scale = self.ladder(key), self.spread.scale
        middle = float(centre / scale.step - scale.base)
        ends = np.abs(ladder.low - middle), np.abs(ladder.high - middle)
        is_inside = (ladder.low <= middle) & (middle <= ladder.high)
        near = np.where(is_inside, 0.0, np.minimum(*ends)) * (1 - _SLACK) - 1
        far = np.maximum(*ends) * (1 + _SLACK) + 1  # one step more: a rounded value lies up to half a step off
        rank = (ladder.total - 1) // 2, ladder.total // 2
        least = _reached(near, ladder.count, rank[0])
        most = _reached(far, ladder.count, rank[1])
        is_nearer = far < least
        chosen = np.flatnonzero(~is_nearer & (near <= most))
        return int(ladder.count[is_nearer].sum()), [int(at) for at in chosen]

    def _median_distance(self, key: Key, centre: Fraction, nearer: int, chosen: Sequence[int]) -> Fraction:
        values = [one for at in chosen for one in self._values(key, at)]
        distances = sorted((abs(value - centre), count) for value, count in values)
        total = self.ladder(key).total
        low, high = (_pick(distances, rank - nearer) for rank in ((total - 1) // 2, total // 2))
        return (low + high) / 2


def _ladder(buckets: pl.DataFrame, key: Key) -> Ladder:
    if key is ALL:
        own = buckets.group_by("low", "high").agg(pl.col("count").sum()).sort("low")
    else:
        own = buckets.filter(pl.col(CATEGORY) == key).sort("low")
    low, high, count = (own[name].to_numpy() for name in ("low", "high", "count"))
    return Ladder(low, high, count, np.cumsum(count) - count)


def _neighbours(place: Fraction) -> tuple[int, int]:
    low = int(place)
    return low, low if place == low else low + 1


def _between(found: Mapping[int, Fraction], place: Fraction) -> Fraction:
    low, high = _neighbours(place)
    return found[low] + (found[high] - found[low]) * (place - low)


def _pick(values: Sequence[tuple[Number, int]], rank: int) -> Number:
    """The value of a rank among values in order, each with how often it occurs."""
    for (value, _), reached in zip(values, accumulate(count for _, count in values), strict=True):
        if rank < reached:
            return value
    raise AssertionError("a rank lies beyond the values of its bucket")


def _reached(distance: npt.NDArray[np.float64], count: npt.NDArray[np.int64], rank: int) -> float:
    """The distance within which more than `rank` values lie."""
    order = np.argsort(distance, kind="stable")
    at = int(np.searchsorted(np.cumsum(count[order]), rank, side="right"))
    return float(distance[order[at]])


def _fits(step: int) -> bool:
    return -(2**63) <= step < 2**63
