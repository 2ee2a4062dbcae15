"""A CSV stream cut into blocks of whole lines, at record ends as far as the quotes tell.

A cut that turns out to lie inside a record costs time, not truth: the exact path hands back what it could not finish
(see `csv_exact.py`) and the next block is read again with that in front.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from tasks.ingest.byte_ranks import ByteRanks
from tasks.ingest.csv_lines import Bounds, line_bounds
from tasks.ingest.faults import FileError

BLOCK_BYTES = 6 << 20
PIECE_BYTES = 512 << 10  # read at once: what is looked at while it is still in the processor's cache
MAX_LINE_BYTES = 64 << 20
_LOOK_BACK_BYTES = 256 << 10
_SLICE_BYTES = 256 << 10
_RARE = 100


@dataclass(frozen=True)
class Block:
    """Some whole lines of a file, in UTF-8 as far as the file is."""

    data: bytes
    line: int  # number of its first physical line, from 1
    line_ends: ByteRanks
    offset: int  # of its first byte
    is_last: bool  # no other block comes; may be False on the last one, where that was not known when it was cut
    has_marks: bool = False  # of byte order, where lines begin

    @property
    def line_end(self) -> int:
        """The byte that ends a line."""
        return self.line_ends.byte

    @property
    def lines(self) -> int:
        """How many there are."""
        return self.line_ends.count + (self.data[-1] != self.line_end)

    @cached_property
    def bounds(self) -> Bounds:
        """Where its lines begin and end."""
        return line_bounds(self.data, self.line_ends)


def cut_blocks(
    chunks: Iterable[bytes],
    *,
    line_end: int,
    quote: int | None,
    line: int = 1,
    offset: int = 0,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Block]:
    """Cut a stream at line ends, preferring those with an even number of quotes before them.

    Args:
        chunks: the stream, in pieces of any size.
        line_end: the byte that ends a line.
        quote: the byte that quotes, or None.
        line: the number of the first line.
        offset: of the first byte.
        block_bytes: about how large a block is.

    Raises:
        FileError: a line is longer than `MAX_LINE_BYTES`.
    """
    for data, is_last in _gathered(chunks, line_end, block_bytes, quote):
        block = new_block(data, line, offset, line_end, is_last=is_last)
        yield block
        line += block.lines
        offset += len(data)


def new_block(data: bytes, line: int, offset: int, line_end: int, *, is_last: bool) -> Block:
    """A block of some lines, the last of which may lack its line end."""
    return Block(data, line, ByteRanks(data, line_end), offset, is_last)


def _gathered(
    chunks: Iterable[bytes], line_end: int, block_bytes: int, quote: int | None
) -> Iterator[tuple[bytes, bool]]:
    held: list[bytes | memoryview] = []
    held_bytes = held_quotes = 0
    for chunk in chunks:
        cut = 0
        if held_bytes + 1.5 * len(chunk) >= block_bytes:  # nearer to it than with one more chunk
            cut = _cut_at(chunk, line_end, quote, held_quotes)
        if cut:
            yield b"".join([*held, memoryview(chunk)[:cut]]), False
            held, held_bytes, held_quotes = [], 0, 0
        rest = memoryview(chunk)[cut:]
        held.append(rest)
        held_bytes += len(rest)
        held_quotes += _quotes(chunk, cut, len(chunk), quote)
        if held_bytes > MAX_LINE_BYTES + block_bytes:
            raise FileError("line_too_long", f"a line is longer than {MAX_LINE_BYTES >> 20} MB")
    if held_bytes:
        yield b"".join(held), True


def _cut_at(chunk: bytes, line_end: int, quote: int | None, quotes_before: int) -> int:
    """Just after the chunk's last line end, or after one shortly before it that is not inside quotes; 0 without any."""
    last = chunk.rfind(line_end) + 1
    if last == 0 or quote is None or (quotes_before + _quotes(chunk, 0, last, quote)) % 2 == 0:
        return last
    start = max(0, last - _LOOK_BACK_BYTES)
    tail = np.frombuffer(chunk, np.uint8)[start:last]
    ends = np.flatnonzero(tail == line_end)
    quotes = np.flatnonzero(tail == quote)
    quotes_after = len(quotes) - np.searchsorted(quotes, ends)
    outside = ends[quotes_after % 2 == 1]
    return start + int(outside[-1]) + 1 if len(outside) else last


def _quotes(data: bytes, start: int, end: int, quote: int | None) -> int:
    return 0 if quote is None else count_byte(data, quote, start, end)


def skip_lines(chunks: Iterable[bytes], count: int, line_end: int) -> tuple[bytes, Iterator[bytes]]:
    """Leave out the first lines of a stream.

    Returns:
        These lines, and the rest.
    """
    rest = iter(chunks)
    skipped = b""
    for chunk in rest:
        at = 0
        while count and (end := chunk.find(line_end, at)) >= 0:
            at, count = end + 1, count - 1
        if not count:
            return skipped + chunk[:at], chain([chunk[at:]], rest)
        skipped += chunk
    return skipped, iter(())


def count_byte(data: bytes, byte: int, start: int = 0, end: int | None = None) -> int:
    """How often a byte occurs: sought one by one while it is rare, which is much quicker than to look at every byte."""
    for count in range(_RARE):
        start = data.find(byte, start, end) + 1
        if not start:
            return count
    array = np.frombuffer(data, np.uint8)[start:end]
    slices = range(0, len(array), _SLICE_BYTES)
    return _RARE + sum(int(np.count_nonzero(array[at : at + _SLICE_BYTES] == byte)) for at in slices)
