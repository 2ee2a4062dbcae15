"""Where a byte occurs in some bytes, and how often it does before any place: a bit for each byte that was looked at."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

_Places = npt.NDArray[np.int64]
_SLICE_BYTES = 512 << 10  # looked at at once, to stay in the processor's cache


class ByteRanks:
    """Where a byte occurs, a bit each, in words of 64.

    Attributes:
        byte: which one.
        count: how often it occurs.
    """

    def __init__(self, data: bytes, byte: int) -> None:
        """Look at all the bytes once."""
        array = np.frombuffer(data, np.uint8)
        self._words = np.zeros(len(array) // 64 + 1, "<u8")
        bits = self._words.view(np.uint8)
        for at in range(0, len(array), _SLICE_BYTES):
            some = np.packbits(array[at : at + _SLICE_BYTES] == byte, bitorder="little")
            bits[at // 8 : at // 8 + len(some)] = some
        self.byte = byte
        self._counts = np.bitwise_count(self._words)
        self.count = int(self._counts.sum())

    @cached_property
    def _before(self) -> _Places:
        """How often it occurs before each word."""
        before: _Places = np.cumsum(self._counts, dtype=np.int64) - self._counts
        return before

    def before(self, places: _Places) -> _Places:
        """How often the byte occurs before each place; the end is a place as well."""
        words = places >> 6
        below = (np.uint64(1) << (places & 63).view(np.uint64)) - np.uint64(1)
        before: _Places = self._before[words] + np.bitwise_count(self._words[words] & below)
        return before

    def places(self) -> _Places:
        """All places of the byte: the lowest bit of each word, then the next one, as long as a word has more."""
        places = np.empty(self.count, np.int64)
        at = np.flatnonzero(self._words)
        words, rank = self._words[at], self._before[at]
        while len(at):
            less = words - np.uint64(1)  # only changes the lowest bit, to 0, and those below it, to 1
            places[rank] = (at << 6) + np.bitwise_count(less & ~words)
            words &= less
            left = np.flatnonzero(words)
            at, words, rank = at[left], words[left], rank[left] + 1
        return places
