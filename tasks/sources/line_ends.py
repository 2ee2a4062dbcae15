"""Line ends of every kind in one text, made the same: a lone carriage return becomes a line feed."""

from __future__ import annotations

import numpy as np

from tasks.sources.readable import Readable

MIXED = "mixed"  # what a dialect says of a text in which each of `\n`, `\r\n` and `\r` ends a line
_LF, _CR = 10, 13


class SameLineEnds:
    """A stream of the same length in which a line feed stands for each carriage return that none follows."""

    def __init__(self, stream: Readable, letter_bytes: int = 1, *, is_big_endian: bool = False) -> None:
        """Prepare to read.

        Args:
            stream: the text.
            letter_bytes: how many bytes a letter takes at least: 1, 2 or 4.
            is_big_endian: the order of these.
        """
        self._stream = stream
        self._width = letter_bytes
        self._kind = np.dtype(f"{'>' if is_big_endian else '<'}u{letter_bytes}")
        self._held = b""  # the last letter, if it is a carriage return or not whole

    def read(self, size: int, /) -> bytes:
        """About as many bytes; none at the end."""
        while True:
            more = self._stream.read(size)
            data = self._held + more
            self._held = b""
            if more and (cut := self._whole_bytes(data)) < len(data):
                data, self._held = data[:cut], data[cut:]
            if data or not more:
                return self._same(data)

    def _whole_bytes(self, data: bytes) -> int:
        """How many of the first bytes can be told already."""
        whole = len(data) - len(data) % self._width
        last = np.frombuffer(data[max(0, whole - self._width) : whole], self._kind)
        return whole - self._width if (last == _CR).any() else whole

    def _same(self, data: bytes) -> bytes:
        if b"\r" not in data:
            return data
        letters = np.frombuffer(data, self._kind, len(data) // self._width).copy()
        returns = np.flatnonzero(letters == _CR)
        after = letters[np.minimum(returns + 1, len(letters) - 1)]
        letters[returns[after != _LF]] = _LF
        return letters.tobytes() + data[letters.nbytes :]
