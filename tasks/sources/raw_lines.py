"""Chosen physical lines of a text, found by counting line ends in big blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.sources.line_ends import MIXED, SameLineEnds
from tasks.sources.readable import Readable

RawRecord = tuple[int, int | None, bytes]  # line, byte offset, raw
RAW_SCHEMA = pl.Schema({"line": pl.Int64(), "byte_offset": pl.Int64(), "raw": pl.Binary()})
BLOCK_BYTES = 8 << 20
_SLICE_LETTERS = 256 << 10  # counted at a time, so that what is compared stays in the processor's cache
_BOMS_LITTLE = {1: b"\xef\xbb\xbf", 2: b"\xff\xfe", 4: b"\xff\xfe\x00\x00"}
_BOMS_BIG = {1: b"\xef\xbb\xbf", 2: b"\xfe\xff", 4: b"\x00\x00\xfe\xff"}


class LineEnd:
    """Finds line ends in letters of one, two or four bytes."""

    def __init__(self, encoding: str | None, line_end: str) -> None:
        name = (encoding or "utf-8").lower().replace("_", "-")
        self.width = 4 if name.startswith("utf-32") else 2 if name.startswith("utf-16") else 1
        self._order = ">" if name.endswith("be") else "<"
        self._letter = ord("\r" if line_end == "\r" else "\n")
        self.is_mixed = line_end == MIXED

    def bom_bytes(self, head: bytes) -> int:
        """How long the byte order mark is; it also says the order of the bytes."""
        for order, boms in (("<", _BOMS_LITTLE), (">", _BOMS_BIG)):
            if head.startswith(boms[self.width]):
                self._order = order
                return len(boms[self.width])
        return 0

    def same(self, stream: BinaryIO, first: bytes) -> Readable:
        """A text with one kind of line end instead of several, the first bytes of which have been read."""
        begun = _Begun(first, stream)
        return SameLineEnds(begun, self.width, is_big_endian=self._order == ">")

    def _letters(self, data: bytes) -> npt.NDArray[np.unsignedinteger]:
        whole = len(data) // self.width
        return np.frombuffer(data, f"{self._order}u{self.width}", whole)

    def count(self, data: bytes) -> int:
        """How many lines end in these bytes."""
        letters = self._letters(data)
        pieces = range(0, len(letters), _SLICE_LETTERS)
        return sum(int(np.count_nonzero(letters[at : at + _SLICE_LETTERS] == self._letter)) for at in pieces)

    def ends(self, data: bytes) -> npt.NDArray[np.int64]:
        """Where the lines end, line end included."""
        return (np.flatnonzero(self._letters(data) == self._letter) + 1) * self.width

    def last_end(self, data: bytes) -> int:
        """Where the last whole line ends; 0 if none does."""
        if self.width == 1:
            return data.rfind(self._letter) + 1
        ends = self.ends(data)
        return int(ends[-1]) if len(ends) else 0

    def strip(self, line: bytes) -> bytes:
        """A line without its end, and without the carriage return before a line feed."""
        letter = self._encoded(self._letter)
        if not line.endswith(letter):
            return line
        stripped = line[: -self.width]
        return stripped.removesuffix(self._encoded(13)) if self._letter == 10 else stripped

    def _encoded(self, letter: int) -> bytes:
        return letter.to_bytes(self.width, "big" if self._order == ">" else "little")


class _Begun:
    """A stream with the bytes in front that have been read of it already."""

    def __init__(self, first: bytes, stream: BinaryIO) -> None:
        self._first, self._stream = first, stream

    def read(self, size: int, /) -> bytes:
        first, self._first = self._first, b""
        return first or self._stream.read(size)


class _Window:
    """A stretch of a stream, moved forward over it: whole lines, and the beginning of one more."""

    def __init__(self, stream: BinaryIO, line_end: LineEnd) -> None:
        self._line_end = line_end
        self._stream: Readable = stream
        self._line = 1  # of the first line held
        self._is_last = False
        self._starts: npt.NDArray[np.int64] | None = None
        self._data = stream.read(BLOCK_BYTES)
        self._byte_offset = line_end.bom_bytes(self._data)
        self._data = self._data[self._byte_offset :]
        if line_end.is_mixed:
            self._stream = line_end.same(stream, self._data)
            self._data = self._stream.read(BLOCK_BYTES)
        self._count()

    def record(self, line: int, span: int) -> tuple[int, bytes] | None:
        """Offset and bytes of a record; None after the end of the stream. To be asked for in order."""
        while line + span > self._next_line and not self._is_last:
            self._advance(line)
        if line >= self._next_line:
            return None
        start = self._start(line)
        end = self._start(min(line + span, self._next_line))
        return self._byte_offset + start, self._line_end.strip(self._data[start:end])

    def _start(self, line: int) -> int:
        if self._starts is None:
            self._starts = np.concatenate(([0], self._line_end.ends(self._data), [len(self._data)]))
        return int(self._starts[line - self._line])

    def _advance(self, line: int) -> None:
        """Let go of what lies before a line, as far as it is held, and read on."""
        is_held = line < self._next_line
        cut = self._start(line) if is_held else self._line_end.last_end(self._data)
        self._line = line if is_held else self._next_line
        self._byte_offset += cut
        rest = self._data[cut:]
        # A record longer than a block: at least as much again, or joining would take forever.
        more = self._stream.read(max(BLOCK_BYTES, len(rest)))
        self._is_last = not more
        self._data = rest + more
        self._count()

    def _count(self) -> None:
        ended = self._line_end.count(self._data)
        is_open = self._is_last and self._line_end.last_end(self._data) < len(self._data)
        self._next_line = self._line + ended + is_open
        self._starts = None


def fetch_lines(stream: BinaryIO, wanted: Iterable[tuple[int, int]], line_end: LineEnd) -> Iterator[RawRecord]:
    """The wanted lines, each given by its number and how many there are, in order."""
    window = _Window(stream, line_end)
    for line, span in wanted:
        record = window.record(line, span)
        if record is None:
            return
        yield line, *record
