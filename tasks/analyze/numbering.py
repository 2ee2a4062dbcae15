"""Numbers for values: a hash table in numpy, asked for many values at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[Any]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 by the golden ratio: neighbours end up far apart


class Numbering:
    """The places of some different 64-bit numbers in the order in which they are given."""

    def __init__(self, values: Array) -> None:
        self._bits = max(2 * values.size, 1).bit_length()  # at least half of the table is free
        self._value = np.zeros(1 << self._bits, values.dtype)
        self._number = np.full(1 << self._bits, -1, np.int64)
        at, number = self._home(values), np.arange(values.size)
        while number.size:
            is_free = self._number[at] < 0
            self._number[at[is_free]] = number[is_free]  # of several the last one stays
            is_in = self._number[at] == number
            self._value[at[is_in]] = values[number[is_in]]
            at, number = self._next(at[~is_in]), number[~is_in]

    def of(self, values: Array) -> Array:
        """The number of each of some values; -1 for one that is not among them."""
        at = self._home(values)
        number: Array = self._number[at]
        elsewhere = np.flatnonzero(self._value[at] != values)
        elsewhere = elsewhere[number[elsewhere] >= 0]
        at, rest = at[elsewhere], values[elsewhere]
        while elsewhere.size:
            at = self._next(at)
            number[elsewhere] = self._number[at]
            goes_on = (self._value[at] != rest) & (number[elsewhere] >= 0)
            elsewhere, at, rest = elsewhere[goes_on], at[goes_on], rest[goes_on]
        return number

    def _home(self, values: Array) -> Array:
        return ((values.view(np.uint64) * _SPREAD) >> np.uint64(64 - self._bits)).view(np.int64)

    def _next(self, at: Array) -> Array:
        return (at + 1) & (self._number.size - 1)


class MemberNumbering:
    """The places of the different values of a column; texts are told apart by their hashes."""

    def __init__(self, members: pl.Series) -> None:
        self.members = members
        codes = _codes(members)
        self.are_told_apart = codes.n_unique() == members.len()
        self._numbering = Numbering(codes.unique(maintain_order=True).to_numpy())

    def of(self, values: pl.Series) -> Array:
        """The number of each of some values; -1 for one that is missing."""
        numbers = self._numbering.of(_codes(values).fill_null(0).to_numpy())
        if values.null_count():
            numbers[values.is_null().to_numpy()] = -1
        return numbers


def _codes(values: pl.Series) -> pl.Series:
    return values if values.dtype == pl.Int64 else values.hash()
