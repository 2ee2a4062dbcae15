"""A tally in arrays: every key is a number, so that a group is a place in an array, found without hashing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.analyze.tally import Tally

Array = npt.NDArray[Any]
Block = Mapping[str, Array]  # columns of some rows

_BYTES = 2**25  # a set of more places is kept as bits
_COUNT = "count"
_MOST_IN_HALF = 2**31 - 1  # rows that can be counted in 32 bits
_FAR, _WALKS = 2**15, 3  # from so many places and totals on rows are put in order first
_BITS = np.array([1 << at for at in range(8)], np.uint8)


class Place(NamedTuple):
    """A key as whole numbers below `span`, in a column of blocks; -1 where there is none."""

    column: str
    span: int
    value: nw.Expr | None = None  # what the column is made of, with -1; None of numbered members
    members: pl.Series | None = None  # what the numbers stand for,
    least: int = 0  # or what has to be added to them
    last_is_missing: bool = False  # whether rows without the key are of the last number


def column_of(value: nw.Expr) -> str:
    """What a column of blocks is called: how it is made, so that tallies share it."""
    return repr(value)


class _Total(NamedTuple):
    """What is found out of each group: a column of blocks, with nothing missing, and how it is put together."""

    value: nw.Expr
    put_together: np.ufunc
    first: float = 0
    counts_rows: bool = False  # so that half the memory is enough, but for a very large batch


class Arrays:
    """One tally: `start`, `add` some rows after the other, then take the `result`.

    Rows that have no group are added up in a place of their own, the last one, which is left out of the result.
    """

    def __init__(self, tally: Tally, places: Sequence[Place]) -> None:
        """Plan it."""
        self.tally = tally
        self._totals = dict(_totals(tally))
        self._places = dict(zip((key.name for key in tally.every_key), places, strict=True))
        spans = [place.span for place in places]
        if tally.distinct is not None:
            spans[-1] = -(-spans[-1] // 8) * 8  # whole bytes of bits
        self._spans = dict(zip(self._places, spans, strict=True))
        self._size = math.prod(spans)
        self._columns = [column_of(total.value) for total in self._totals.values()]

    @property
    def memory(self) -> int:
        """How many bytes it takes."""
        if self.tally.distinct is not None:
            return self._size if self._size <= _BYTES else self._size // 8
        return self._size * sum(4 if total.counts_rows else 8 for total in self._totals.values())

    @property
    def columns(self) -> dict[str, nw.Expr]:
        """What blocks have to hold beside the numbers of members, with nothing missing."""
        keys = [place.value for place in self._places.values() if place.value is not None]
        return {column_of(value): value for value in (*keys, *(total.value for total in self._totals.values()))}

    @property
    def numbered(self) -> list[str]:
        """Columns that hold the numbers of members."""
        return [place.column for place in self._places.values() if place.value is None]

    def start(self) -> None:
        """Make room."""
        self._seen = _Set(self._size if self.tally.distinct is not None else 0)
        self._held = {name: self._room(total) for name, total in self._totals.items()}
        self._rows = 0

    def _room(self, total: _Total) -> Array:
        dtype = np.int32 if total.counts_rows else np.array(total.first).dtype
        size = self._size + 1
        return np.full(size, total.first, dtype) if total.first else np.zeros(size, dtype)  # memory when it is touched

    def add(self, block: Block) -> None:
        """Add some rows."""
        at = self._at(block)
        if self.tally.distinct is not None:
            self._seen.add(at)
            return
        self._rows += at.size
        if self._rows > _MOST_IN_HALF:
            self._held = {name: _whole(held) for name, held in self._held.items()}
        at, values = self._to_walk(at, block)
        for (name, total), some in zip(self._totals.items(), values, strict=True):
            total.put_together.at(self._held[name], at, some)

    def _to_walk(self, at: Array, block: Block) -> tuple[Array, Iterator[Array]]:
        """Places, and the values of one total after the other, so that no more than one is copied at a time."""
        values = (block[column] for column in self._columns)
        if self._size == 1:  # all rows that have a group have the same one
            there = np.flatnonzero(at == 0)
            some = values if there.size == at.size else (np.take(every, there) for every in values)
            return np.zeros(1, np.int64), map(_of_all, self._totals.values(), some)
        if self._size < _FAR or len(self._columns) < _WALKS:
            return at, values
        order = _neighbours_first(at, self._size)
        return np.take(at, order), _in_order(order, self._columns, block)

    def result(self) -> pl.DataFrame:
        """A row for each group that has rows. It can be taken once: what it is made of is let go meanwhile."""
        keys = [key.name for key in self.tally.keys]
        if self.tally.distinct is not None:
            counts = self._seen.counts(math.prod(self._spans[key] for key in keys))
            at = np.flatnonzero(counts)
            return pl.DataFrame(self._named(at, keys) | {"distinct": counts[at]})
        at = np.flatnonzero(self._held[_COUNT][:-1])
        found = self._named(at, keys)
        for name in self._totals:
            found[name] = pl.Series(self._held.pop(name)[at])
        return pl.DataFrame(found).cast({pl.Int32: pl.Int64}).with_columns(_ends_there_are(self.tally.extremes))

    def _at(self, block: Block) -> Array:
        """The place of each row."""
        at: Array | None = None
        is_missing: Array | None = None
        for name, place in self._places.items():
            number = block[place.column]
            if number.size and number.min() < 0:
                if place.last_is_missing:
                    number = np.where(number < 0, place.span - 1, number)
                else:
                    is_missing = number < 0 if is_missing is None else is_missing | (number < 0)
            at = number if at is None else at * self._spans[name] + number
        assert at is not None
        return at if is_missing is None else np.where(is_missing, self._size, at)

    def _named(self, at: Array, keys: Sequence[str]) -> dict[str, pl.Series]:
        """The keys of groups."""
        named = {}
        for name in reversed(keys):
            at, number = np.divmod(at, max(self._spans[name], 1))
            place = self._places[name]
            members = place.members
            named[name] = pl.Series(name, number + place.least) if members is None else members.gather(number)
        return named


class _Set:
    """Which whole numbers below `size` occur; `size` itself stands for none. Bytes, or bits where there are many."""

    def __init__(self, size: int) -> None:
        self._are_bits = size > _BYTES
        self._held = np.zeros(size // 8 + 1, np.uint8) if self._are_bits else np.zeros(size + 1, np.bool_)

    def add(self, numbers: Array) -> None:
        """Add some numbers."""
        if not self._are_bits:
            self._held[numbers] = True
            return
        at: Array = numbers >> 3
        bit: Array = np.take(_BITS, numbers & 7)
        while at.size:  # of several bits of a byte one is set, the others in the next rounds
            self._held[at] = np.take(self._held, at) | bit
            left = np.flatnonzero(np.take(self._held, at) & bit == 0)
            at, bit = np.take(at, left), np.take(bit, left)

    def counts(self, parts: int) -> Array:
        """How many numbers are in each of some equal parts."""
        held = self._held[:-1]
        each = held.reshape(parts, held.size // max(parts, 1))
        counts: Array = (np.bitwise_count(each) if self._are_bits else each).sum(axis=1, dtype=np.int64)
        return counts


def _totals(tally: Tally) -> Iterator[tuple[str, _Total]]:
    if tally.distinct is not None:
        return
    for name, value in {_COUNT: nw.lit(1), **tally.counts}.items():
        yield name, _Total(value.cast(nw.Int32), np.add, counts_rows=True)
    for name, value in tally.sums.items():
        yield name, _Total(value.fill_null(0).cast(nw.Int64), np.add)
    for name, extremes in tally.extremes.items():
        least, most = (-math.inf, math.inf) if extremes.is_float else (-(2**63), 2**63 - 1)
        value = extremes.value
        at_least, at_most = (
            (value, value) if extremes.are_all_there else (value.fill_null(most), value.fill_null(least))
        )
        yield f"{name}_min", _Total(at_least, np.minimum, most)
        yield f"{name}_max", _Total(at_most, np.maximum, least)


def _whole(held: Array) -> Array:
    """An array of at least 64 bits a place; itself where it is one."""
    return held.astype(np.result_type(held, np.int64), copy=False)


def _neighbours_first(at: Array, size: int) -> Array:
    """An order of rows, about by their places, so that each walk finds what it needs close by.

    By their highest 16 bits, which numpy sorts by counting.
    """
    shift = max(size.bit_length() - 16, 0)
    return np.argsort((at >> shift).astype(np.uint16), kind="stable")


def _in_order(order: Array, columns: Iterable[str], block: Block) -> Iterator[Array]:
    """Columns in an order of rows; one that is asked for twice on end is put in order once."""
    for column, same in groupby(columns):
        # What another thread has just made is quick to read in a row, slow to read here and there: a copy is not.
        ordered = np.take(block[column].copy(), order)
        yield from (ordered for _ in same)


def _of_all(total: _Total, values: Array) -> Array:
    """Many values as one."""
    # numpy adds up counts in 64 bits
    found: Array = total.put_together.reduce(values, initial=total.first, keepdims=True)
    return found


def _ends_there_are(names: Iterable[str]) -> Iterator[pl.Expr]:
    """Least and most of groups, missing where nothing was there."""
    for name in names:
        ends = pl.col(f"{name}_min"), pl.col(f"{name}_max")
        yield from (pl.when(ends[0] <= ends[1]).then(end) for end in ends)
