"""How often a byte occurs before any place of some bytes: counts of stretches, without a list of all its places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_Places = npt.NDArray[np.int64]
_SLICE_BYTES = 512 << 10  # looked at at once, to stay in the processor's cache


class ByteRanks:
    """Where a byte occurs, a bit each, and how often it does before every 64 of them."""

    def __init__(self, data: bytes, byte: int) -> None:
        """Look at all the bytes once."""
        array = np.frombuffer(data, np.uint8)
        self._words = np.zeros(len(array) // 64 + 1, "<u8")
        bits = self._words.view(np.uint8)
        for at in range(0, len(array), _SLICE_BYTES):
            some = np.packbits(array[at : at + _SLICE_BYTES] == byte, bitorder="little")
            bits[at // 8 : at // 8 + len(some)] = some
        counts = np.bitwise_count(self._words)
        self._before = np.cumsum(counts, dtype=np.int64) - counts

    def before(self, places: _Places) -> _Places:
        """How often the byte occurs before each place; the end is a place as well."""
        words = places >> 6
        below = (np.uint64(1) << (places & 63).view(np.uint64)) - np.uint64(1)
        before: _Places = self._before[words] + np.bitwise_count(self._words[words] & below)
        return before
