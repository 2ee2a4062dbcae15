"""A CSV stream cut into blocks of whole lines, at record ends as far as the quotes tell.

A cut that turns out to lie inside a record costs time, not truth: the exact path hands back what it could not finish
(see `csv_exact.py`) and the next block is read again with that in front.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np

from tasks.ingest.faults import FileError

BLOCK_BYTES = 8 << 20
MAX_LINE_BYTES = 64 << 20
_LOOK_BACK_BYTES = 256 << 10
_SLICE_BYTES = 256 << 10


class Block(NamedTuple):
    """Some whole lines of a file, in UTF-8 as far as the file is."""

    data: bytes
    line: int  # number of its first physical line, from 1
    offset: int  # of its first byte in the UTF-8 stream
    is_last: bool


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
        yield Block(data, line, offset, is_last)
        line += count_byte(data, line_end)
        offset += len(data)


def _gathered(
    chunks: Iterable[bytes], line_end: int, block_bytes: int, quote: int | None
) -> Iterator[tuple[bytes, bool]]:
    pieces: list[bytes] = []
    held, wanted = 0, block_bytes
    for chunk in chunks:
        pieces.append(chunk)
        held += len(chunk)
        while held > wanted:
            data = b"".join(pieces)
            cut = _cut_at(data, line_end, block_bytes, quote)
            if 0 < cut < held:
                yield data[:cut], False
                data, wanted = data[cut:], block_bytes
            else:
                wanted = 2 * held  # one long line: look again when there is much more of it
            pieces, held = [data], len(data)
            if wanted > 2 * MAX_LINE_BYTES:
                raise FileError("line_too_long", f"a line is longer than {MAX_LINE_BYTES >> 20} MB")
    if held:
        yield b"".join(pieces), True


def _cut_at(data: bytes, line_end: int, block_bytes: int, quote: int | None) -> int:
    """Where to cut: just after a line end near `block_bytes`, or 0 where the data is one unfinished line."""
    last = data.rfind(line_end, 0, block_bytes) + 1
    if last == 0:
        return data.find(line_end) + 1
    if quote is None or count_byte(memoryview(data)[:last], quote) % 2 == 0:
        return last
    start = max(0, last - _LOOK_BACK_BYTES)
    tail = np.frombuffer(data, np.uint8)[start:last]
    ends = np.flatnonzero(tail == line_end)
    quotes = np.flatnonzero(tail == quote)
    quotes_after = len(quotes) - np.searchsorted(quotes, ends)
    outside = ends[quotes_after % 2 == 1]
    return start + int(outside[-1]) + 1 if len(outside) else last


def skip_lines(chunks: Iterable[bytes], count: int, line_end: int) -> tuple[int, Iterator[bytes]]:
    """Leave out the first lines of a stream.

    Returns:
        How many bytes they were, and the rest.
    """
    rest = iter(chunks)
    skipped = 0
    for chunk in rest:
        at = 0
        while count and (end := chunk.find(line_end, at)) >= 0:
            at, count = end + 1, count - 1
        if not count:
            return skipped + at, chain([chunk[at:]], rest)
        skipped += len(chunk)
    return skipped, iter(())


def count_byte(data: bytes | memoryview, byte: int) -> int:
    """How often a byte occurs."""
    array = np.frombuffer(data, np.uint8)
    slices = range(0, len(array), _SLICE_BYTES)
    return sum(int(np.count_nonzero(array[at : at + _SLICE_BYTES] == byte)) for at in slices)
