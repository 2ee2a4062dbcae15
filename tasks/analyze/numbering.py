"""Numbers for values: a hash table in numpy, asked for many values at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[Any]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 by the golden ratio: neighbours end up far apart
_LEAST_BITS = 10


class Numbering:
    """Numbers for different 64-bit numbers, in the order in which they are given."""

    def __init__(self) -> None:
        self.size = 0
        self._values = np.zeros(1, np.int64)  # by their numbers; the last one is that of -1
        self._make_room(_LEAST_BITS)

    def add(self, values: Array) -> None:
        """Number some different values that have no number yet."""
        first = self.size
        self._values = np.concatenate([self._values[:first], values, self._values[-1:]])
        self.size += values.size
        if 2 * self.size > self._number.size:  # at least half of the table is free
            self._make_room((2 * self.size).bit_length())
            first = 0
        self._put(first)

    def of(self, values: Array) -> Array:
        """The number of each of some values; -1 for one that has none."""
        at = self._home(values)
        number: Array = np.take(self._number, at).astype(np.int64)
        elsewhere = np.flatnonzero(self._are_others(number, values))
        at, rest = at[elsewhere], values[elsewhere]
        while elsewhere.size:
            at = self._next(at)
            number[elsewhere] = found = self._number[at]
            goes_on = self._are_others(found, rest)
            elsewhere, at, rest = elsewhere[goes_on], at[goes_on], rest[goes_on]
        return number

    def _are_others(self, numbers: Array, values: Array) -> Array:
        """Whether numbers are those of other values."""
        are_others: Array = np.take(self._values, numbers) != values
        are_others &= numbers >= 0
        return are_others

    def _make_room(self, bits: int) -> None:
        self._bits = bits
        self._number = np.full(1 << bits, -1, np.int32)

    def _put(self, first: int) -> None:
        at, number = self._home(self._values[first:-1]), np.arange(first, self.size)
        while number.size:
            is_free = self._number[at] < 0
            self._number[at[is_free]] = number[is_free]  # of several the last one stays
            is_out = self._number[at] != number
            at, number = self._next(at[is_out]), number[is_out]

    def _home(self, values: Array) -> Array:
        home = values.view(np.uint64) * _SPREAD
        home >>= np.uint64(64 - self._bits)
        return home.view(np.int64)

    def _next(self, at: Array) -> Array:
        return (at + 1) & (self._number.size - 1)


class MemberNumbering:
    """Numbers for the different values of a column, in the order in which they come; texts go by their hashes."""

    def __init__(self, dtype: pl.DataType) -> None:
        self.members = pl.Series(dtype=dtype)
        self.are_told_apart = True  # texts, by their hashes
        self._numbering = Numbering()

    def add(self, values: pl.Series) -> None:
        """Number those that have no number yet."""
        values = values.drop_nulls()
        is_new = pl.Series(self._numbering.of(_codes(values)) < 0, dtype=pl.Boolean)
        new = values.filter(is_new).unique()
        codes = _codes(new)
        if new.dtype != pl.Int64:
            self.are_told_apart &= np.unique(codes).size == codes.size and self._holds(values.filter(~is_new).unique())
        if self.are_told_apart and new.len():
            self._numbering.add(codes)
            self.members.append(new)

    def of(self, values: pl.Series) -> Array:
        """The number of each of some values; -1 for one that is missing."""
        numbers = self._numbering.of(_codes(values))
        if values.null_count():
            numbers[values.is_null().to_numpy()] = -1
        return numbers

    def _holds(self, values: pl.Series) -> bool:
        """Whether values whose hashes have numbers are themselves those that have them."""
        return (self.members.gather(self._numbering.of(_codes(values))) == values).all()


def _codes(values: pl.Series) -> Array:
    codes = values.fill_null(0) if values.dtype == pl.Int64 else values.hash()
    return codes.to_numpy().view(np.int64)
