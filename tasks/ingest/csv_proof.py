"""What counts of a block's bytes prove: that nothing in it is read in two ways.

Each proof holds together with what the native reading says of the same block, see `csv_fast` and decision 0010.
"""

from __future__ import annotations

import numpy as np

from tasks.ingest.byte_ranks import ByteRanks
from tasks.ingest.csv_blocks import count_byte
from tasks.ingest.csv_shape import CR, LF, NUL, Shape

_SLICE_BYTES = 128 << 10  # looked at at once, to stay in the processor's cache


def is_plain(data: bytes, shape: Shape) -> bool:
    """Whether there is nothing in it that Polars reads in a way of its own."""
    if NUL in data or (shape.escape is not None and shape.escape in data):
        return False
    if shape.line_end == CR:
        return LF not in data
    return CR not in data or _each_cr_is_before_lf(data)


def _each_cr_is_before_lf(data: bytes) -> bool:
    array = np.frombuffer(data, np.uint8)
    slices = (array[at : at + _SLICE_BYTES + 1] for at in range(0, len(array) - 1, _SLICE_BYTES))
    return data[-1] != CR and not any(np.any((part[:-1] == CR) & (part[1:] != LF)) for part in slices)


def wrap_whole_cells(data: bytes, lines: int, shape: Shape) -> bool:
    """Whether quotes stand around cells that hold no quote and no delimiter: told from counts only, so much quicker.

    Each quote has a separator (a delimiter or a line's end) on one side and not on the other, half of them have it
    before them, and there are just the delimiters that the lines need. If the lines are then read as so many full
    records, no delimiter and no line end lay inside quotes, so that of each cell with quotes the first and the last
    byte are the only ones. Tried only where the first cell is quoted and the lines are whole.
    """
    if shape.width == 1 or data[0] != shape.quote or data[-1] != shape.line_end:
        return False
    array, has_cr = np.frombuffer(data, np.uint8), CR in data
    quotes = beginning = on_one_side = delimiters = 0
    for at in range(0, len(array) - 1, _SLICE_BYTES):
        # With the byte before and the one after; a line end stands before the first one.
        part = array[at - 1 : at + _SLICE_BYTES + 1] if at else np.insert(array[: _SLICE_BYTES + 1], 0, shape.line_end)
        is_delimiter = part == shape.delimiter
        ends = is_delimiter | (part == shape.line_end)
        if has_cr:
            ends |= part == CR  # every CR is before an LF, or ends a line itself
        is_quote, before, after = part[1:-1] == shape.quote, ends[:-2], ends[2:]
        quotes += int(np.count_nonzero(is_quote))
        beginning += int(np.count_nonzero(before & is_quote))
        on_one_side += int(np.count_nonzero((before ^ after) & is_quote))
        delimiters += int(np.count_nonzero(is_delimiter[1:-1]))
    return quotes == on_one_side == 2 * beginning and delimiters == lines * (shape.width - 1)


def are_structural(data: bytes, shape: Shape) -> bool:
    """Whether each quote opens a cell, closes one, or is doubled inside one: quote by quote, so of any block."""
    array = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(array == shape.quote)
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    before = array[np.maximum(opening - 1, 0)]
    opens = (before == shape.delimiter) | (before == shape.line_end) | (before == shape.quote)
    opens[0] |= opening[0] == 0
    if not opens.all():
        return False
    after = array[np.minimum(closing + 1, len(array) - 1)]
    closes = (after == shape.delimiter) | (after == shape.line_end) | (after == shape.quote)
    if shape.line_end == LF:
        closes |= after == CR  # every CR is before an LF here
    closes[-1] |= closing[-1] == len(array) - 1
    return bool(closes.all())


def has_all_cells(data: bytes, records: int, shape: Shape) -> bool:
    """Whether no record lacks cells. Polars refuses long records, but fills short ones up with nulls."""
    if shape.width == 1:
        return False  # a blank line
    expected = records * (shape.width - 1)
    if shape.quote is None or shape.quote not in data:
        return count_byte(data, shape.delimiter) == expected
    delimiters, quotes = ByteRanks(data, shape.delimiter), np.flatnonzero(np.frombuffer(data, np.uint8) == shape.quote)
    ends = delimiters.before(np.concatenate(([0], quotes, [len(data)])))
    return int(np.diff(ends)[::2].sum()) == expected
