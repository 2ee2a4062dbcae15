"""The lines of a block told apart by their bytes: which are whole, regular records, and which need a closer look."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.ingest.byte_ranks import ByteRanks
from tasks.ingest.csv_shape import CR, LF, NUL, Shape
from tasks.ingest.utf8_stream import MARK_BYTES

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_GROUP_LINES = 256  # decoded at once
_FEW = 1000


class Bounds(NamedTuple):
    """Where each line begins and ends, the line end (and a CR before an LF) left out."""

    starts: Places
    ends: Places


class Lines(NamedTuple):
    """A block's physical lines; every array has one entry a line."""

    starts: Places
    ends: Places  # without the line end
    delimiters: Places  # outside quotes, where the line's quotes are structural
    is_regular: Flags  # a whole record of the right width
    is_literal: Flags  # holds quotes, none of which begins a cell: they are plain characters
    is_special: Flags  # holds a structural quote, an escape or a lone CR: irregular ones must be read exactly
    is_beyond_repair: Flags  # the first quote opens a cell, and neither a delimiter nor a quote follows the second one
    is_blank: Flags
    has_nul: Flags
    is_undecodable: Flags

    def raw(self, data: bytes, first: int, count: int = 1) -> bytes:
        """Some lines verbatim, without the last one's line end."""
        return data[self.starts[first] : self.ends[first + count - 1]]


def find_lines(data: bytes, bounds: Bounds, shape: Shape) -> Lines:
    """Tell the lines of a block apart."""
    array = np.frombuffer(data, np.uint8)
    starts, ends = bounds
    lone_cr = _holding(starts, _lone_cr(data)) if shape.line_end == LF else _none(starts)
    has_nul = _holding(starts, _places(data, NUL))
    is_escaped = _holding(starts, _places(data, shape.escape))
    undecodable = _undecodable(data, starts, ends)
    quotes = _Quotes.find(data, starts, ends, shape)
    delimiters = _delimiters(data, bounds, quotes, shape)
    is_blank = _blank(array, starts, ends, delimiters, shape)
    fits = (delimiters == shape.width - 1) & ~(is_blank | has_nul | undecodable | is_escaped | lone_cr)
    is_literal = quotes.holds & ~quotes.opens
    return Lines(
        starts,
        ends,
        delimiters,
        is_regular=fits & (is_literal | ~quotes.is_broken),
        is_literal=is_literal,
        is_special=(quotes.holds & ~is_literal) | is_escaped | lone_cr,
        is_beyond_repair=quotes.closes_badly & ~is_escaped,
        is_blank=is_blank,
        has_nul=has_nul,
        is_undecodable=undecodable,
    )


def marked_lines(data: bytes, bounds: Bounds) -> Flags:
    """Lines that begin with a byte order mark."""
    flags = _none(bounds.starts)
    found = np.flatnonzero(np.frombuffer(data, np.uint8)[np.minimum(bounds.starts, len(data) - 1)] == MARK_BYTES[0])
    for place in found.tolist():
        flags[place] = data.startswith(MARK_BYTES, bounds.starts[place])
    return flags


def without_regular(lines: Lines, places: Flags) -> Lines:
    """The lines, some of which must be read exactly."""
    return lines._replace(is_regular=lines.is_regular & ~places, is_special=lines.is_special | places)


def line_bounds(data: bytes, line_ends: ByteRanks) -> Bounds:
    """The lines of some bytes, the last of which may lack its line end."""
    array, ends = np.frombuffer(data, np.uint8), line_ends.places()
    starts = np.concatenate(([0], ends + 1))
    if starts[-1] == len(array):
        starts = starts[:-1]
    else:
        ends = np.append(ends, len(array))
    if line_ends.byte == LF and CR in data:
        ends = ends - ((ends > starts) & (array[np.maximum(ends - 1, 0)] == CR))
    return Bounds(starts, ends)


def _places(data: bytes, byte: int | None) -> Places:
    """Where a byte occurs: sought one by one while there are few, which is much quicker than to look at them all."""
    found: list[int] = []
    if byte is None:
        return np.array(found, np.int64)
    while (at := data.find(byte, found[-1] + 1 if found else 0)) >= 0 and len(found) < _FEW:
        found.append(at)
    return np.array(found, np.int64) if at < 0 else np.flatnonzero(np.frombuffer(data, np.uint8) == byte)


def _none(starts: Places) -> Flags:
    return np.zeros(len(starts), np.bool_)


def _lines_of(places: Places, starts: Places) -> Places:
    """Which line each place is in."""
    if len(places) < len(starts):
        return np.searchsorted(starts, places, side="right") - 1
    return np.repeat(np.arange(len(starts)), np.diff(np.searchsorted(places, starts), append=len(places)))


def _holding(starts: Places, places: Places) -> Flags:
    """Which lines hold one of the places."""
    flags = _none(starts)
    flags[_lines_of(places, starts)] = True
    return flags


def _lone_cr(data: bytes) -> Places:
    array, places = np.frombuffer(data, np.uint8), _places(data, CR)
    after = array[np.minimum(places + 1, len(array) - 1)]
    lone: Places = places[(after != LF) | (places == len(array) - 1)]
    return lone


def _undecodable(data: bytes, starts: Places, ends: Places) -> Flags:
    """Lines that are not UTF-8."""
    flags = _none(starts)
    if data.isascii():
        return flags
    view, begin, at = memoryview(data), starts.data, 0
    while at < len(begin):
        last = min(at + _GROUP_LINES, len(begin))
        fault = _first_fault(view[begin[at] : ends[last - 1]])
        if fault is None:
            at = last
        else:
            at = bisect_right(begin, begin[at] + fault, at, last)
            flags[at - 1] = True
    return flags


def _first_fault(data: memoryview) -> int | None:
    """Where the bytes stop being UTF-8."""
    try:
        str(data, "utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _blank(array: Bytes, starts: Places, ends: Places, delimiters: Places, shape: Shape) -> Flags:
    """Empty lines; lines of blanks as well, unless these are a record's cells."""
    is_blank: Flags = ends == starts
    if shape.width == 1:
        return is_blank
    may_be = np.flatnonzero(~is_blank & (delimiters != shape.width - 1))
    first = array[starts[may_be]]
    for place in may_be[(first == ord(" ")) | (first == ord("\t"))].tolist():
        is_blank[place] = not array[starts[place] : ends[place]].tobytes().strip(b" \t")
    return is_blank


class _Quotes(NamedTuple):
    """The quotes, one entry each, and what they say of the lines."""

    places: Places
    line: Places
    is_odd: Flags  # the second, the fourth ... of its line
    holds: Flags  # lines that hold a quote
    opens: Flags  # ... one that begins a cell
    is_broken: Flags  # ... that does not open, close, or double; or an odd number of them
    closes_badly: Flags  # ... the first of which opens a cell, and the second neither closes it nor is doubled

    @classmethod
    def find(cls, data: bytes, starts: Places, ends: Places, shape: Shape) -> _Quotes:
        array, places = np.frombuffer(data, np.uint8), _places(data, shape.quote)
        line = _lines_of(places, starts)
        count = np.bincount(line, minlength=len(starts))
        rank = np.arange(len(places)) - (np.cumsum(count) - count)[line]
        is_odd = rank & 1 == 1
        before, after = array[np.maximum(places - 1, 0)], array[np.minimum(places + 1, len(array) - 1)]
        begins = (before == shape.delimiter) | (places == starts[line])
        finishes = (after == shape.delimiter) | (places + 1 == ends[line])
        is_sound = np.where(is_odd, finishes | (after == shape.quote), begins | (before == shape.quote))
        opens, is_broken, closes_badly = _none(starts), count & 1 == 1, _none(starts)
        opens[line[begins]] = True
        is_broken[line[~is_sound]] = True
        closes_badly[line[(rank == 1) & np.roll(begins, 1) & ~is_sound]] = True
        return cls(places, line, is_odd, count > 0, opens, is_broken, closes_badly)

    def inside(self, delimiters: ByteRanks, ends: Places) -> Places:
        """How many delimiters each line has inside its quotes, if these are structural; an open one goes to its end."""
        before = delimiters.before(self.places)
        inside = np.bincount(self.line, np.where(self.is_odd, before, -before), len(ends)).astype(np.int64)
        is_open = np.bincount(self.line, minlength=len(ends)) & 1 == 1
        inside[is_open] += delimiters.before(ends[is_open])
        return inside


def _delimiters(data: bytes, bounds: Bounds, quotes: _Quotes, shape: Shape) -> Places:
    """Delimiters a line; in lines with structural quotes those outside them."""
    ranks = ByteRanks(data, shape.delimiter)
    count = np.diff(ranks.before(bounds.starts), append=ranks.before(np.array([len(data)])))
    return np.where(quotes.opens, count - quotes.inside(ranks, bounds.ends), count) if quotes.opens.any() else count
