"""Lines of JSON objects that are written alike, cut into columns by the places of their keys.

Programs write the same keys in the same order with the same blanks around them, line by line. Where that is so, values
need not become objects one by one; and that it is so is proven, not assumed. A decoder has found each line to be one
object. In each, the names of the keys stand where another line has them; between two of them is what begins as text in
quotes, a number, true, false or null, and ends as such; and there are no other quotes than those of the keys and two
for each text. So no text holds what looks like a key, and no value is anything but what stands between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from tasks.ingest.byte_ranks import ByteRanks
from tasks.ingest.json_layout import Layout, layout_of
from tasks.ingest.json_values import is_utf8, without_escapes

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_QUOTE, _BACKSLASH, _COMMA, _N = b'"\\,n'
_FIRST = np.isin(np.arange(256), np.frombuffer(b'"-0123456789tfn', np.uint8))  # how a value begins that is not nested
_LAST = np.isin(np.arange(256), np.frombuffer(b'"0123456789el', np.uint8))
_MOST_TRIED = 5  # lines, to see how the others are written
_LEAST_SHARE = 0.9  # of the lines are to be written like that


class EvenLines(NamedTuple):
    """The lines that are written alike."""

    columns: pl.DataFrame  # their values as they are written, a column a key
    are_even: Flags  # which of all lines they are


class _Object(msgspec.Struct, gc=False):
    """An object that is not looked into."""


_OBJECT = msgspec.json.Decoder(_Object)


class _Lines(NamedTuple):
    """Some lines, in the bytes they stand in."""

    data: bytes
    starts: Places
    stops: Places
    has_escapes: bool

    @property
    def letters(self) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.data, np.uint8)

    def texts(self) -> Iterator[bytes]:
        """Each by itself."""
        return (self.data[start:stop] for start, stop in zip(self.starts.tolist(), self.stops.tolist(), strict=True))

    def chosen(self, flags: Flags) -> _Lines:
        """Some of them."""
        return self if flags.all() else self._replace(starts=self.starts[flags], stops=self.stops[flags])


class _Cells(NamedTuple):
    """The values of a key."""

    starts: Places  # without the quotes of texts
    lengths: Places
    are_texts: Flags
    are_null: Flags
    are_whole: Flags  # begin and end like one value each

    def chosen(self, flags: Flags) -> _Cells:
        """Some of them."""
        if flags.all():
            return self
        are = (self.are_texts[flags], self.are_null[flags], self.are_whole[flags])
        return _Cells(self.starts[flags], self.lengths[flags], *are)


def even_lines(data: bytes, starts: Places, stops: Places) -> EvenLines | None:
    """Cut the lines that are written alike; None where too few are.

    Args:
        data: what the lines stand in, one after the other.
        starts: where each begins.
        stops: where each ends, without its line end.
    """
    first, end = int(starts[0]), int(stops[-1])
    lines = _Lines(data, starts, stops, has_escapes=data.find(b"\\", first, end) >= 0)
    layout = _usual_layout(lines)
    # Behind two backslashes a quote might be none of those that are escaped.
    if layout is None or (lines.has_escapes and data.find(b"\\\\", first, end) >= 0):
        return None
    are_even, edges = _edges(lines, layout)
    if np.count_nonzero(are_even) < _LEAST_SHARE * len(starts):
        return None
    lines = lines.chosen(are_even)
    cells = _cells(lines, edges, layout)
    are_good = _are_whole(lines, cells, is_all=len(lines.starts) == len(starts))
    if np.count_nonzero(are_good) < _LEAST_SHARE * len(starts):
        return None
    try:
        columns = _columns(lines.chosen(are_good), [one.chosen(are_good) for one in cells])
    except pl.exceptions.ComputeError:  # text that is not UTF-8
        are_good &= _are_utf8(lines)
        columns = _columns(lines.chosen(are_good), [one.chosen(are_good) for one in cells])
    are_even[are_even] = are_good
    columns = columns.with_columns(map(without_escapes, columns)) if lines.has_escapes else columns
    columns.columns = list(layout.keys)
    return EvenLines(columns, are_even)


def _usual_layout(lines: _Lines) -> Layout | None:
    """How most of the first lines are written."""
    first = lines._replace(starts=lines.starts[:_MOST_TRIED], stops=lines.stops[:_MOST_TRIED])
    found = Counter(filter(None, map(layout_of, first.texts())))
    return found.most_common(1)[0][0] if found else None


def _edges(lines: _Lines, layout: Layout) -> tuple[Flags, list[Places]]:
    """Which lines have as many separators as they should; where in these each opening begins, and the closing."""
    letters, (_, starts, stops, _) = lines.letters, lines
    between = len(layout.openings) - 1
    last = stops - len(layout.closing)
    are_even = np.ones(len(starts), np.bool_)
    if not between:
        return are_even, [starts, last]
    commas = np.flatnonzero(letters[starts[0] : stops[-1]] == _COMMA) + starts[0]
    for place, sign in enumerate(layout.before_name):
        if place != layout.comma:
            beside = np.minimum(commas + (place - layout.comma), len(letters) - 1)
            commas = commas[letters[beside] == sign]
    counts = np.diff(np.searchsorted(commas, starts), append=len(commas))
    are_even = counts == between
    if not are_even.all():
        commas, starts, last = commas[np.repeat(are_even, counts)], starts[are_even], last[are_even]
    inner = np.ascontiguousarray((commas - layout.comma).reshape(len(starts), between).T)
    return are_even, [starts, *inner, last]


def _cells(lines: _Lines, edges: list[Places], layout: Layout) -> list[_Cells]:
    """The values of each key."""
    letters = lines.letters
    are_closed, cells = _are_at(letters, edges[-1], layout.closing), []
    for opening, start, end in zip(layout.openings, edges[:-1], edges[1:], strict=True):
        found = _values(letters, start + len(opening), end)
        are_whole = found.are_whole & are_closed & _are_at(letters, start, opening)
        if lines.has_escapes:  # the quote behind a text may be one of its own
            are_whole &= letters[found.starts + found.lengths - 1] != _BACKSLASH
        cells.append(found._replace(are_whole=are_whole))
    return cells


def _are_at(letters: npt.NDArray[np.uint8], places: Places, sign: bytes) -> Flags | np.bool_:
    """In which of these places some bytes stand."""
    windows = np.ndarray((len(letters) - len(sign) + 1,), f"V{len(sign)}", letters, strides=(1,))
    found = windows[np.clip(places, 0, len(windows) - 1)]
    if found.tobytes() == sign * len(places):
        return np.True_
    are_at: Flags = (found.view(np.uint8).reshape(len(places), -1) == np.frombuffer(sign, np.uint8)).all(axis=1)
    return are_at


def _values(letters: npt.NDArray[np.uint8], starts: Places, ends: Places) -> _Cells:
    """What is between two places each."""
    first, last, lengths = letters[np.minimum(starts, len(letters) - 1)], letters[ends - 1], ends - starts
    are_texts = first == _QUOTE
    are_whole = ((last == _QUOTE) == are_texts) & (lengths > are_texts)
    if not are_texts.all():
        are_whole &= _FIRST[first] & _LAST[last]
    return _Cells(starts + are_texts, lengths - 2 * are_texts, are_texts, first == _N, are_whole)


def _are_whole(lines: _Lines, cells: list[_Cells], *, is_all: bool) -> Flags:
    """Which lines are JSON with these values and no others; if these are all lines, nothing stands between them."""
    are_good = _have_no_other_quotes(lines, cells)
    for one in cells:
        are_good &= one.are_whole
    chosen = lines.chosen(are_good)
    if is_all and are_good.all():
        found = _objects(memoryview(lines.data)[lines.starts[0] : lines.stops[-1]])
    else:
        found = _objects(b"\n".join(chosen.texts()))
    if found != len(chosen.starts):
        are_good[are_good] = [_objects(text) == 1 for text in chosen.texts()]
    return are_good


def _have_no_other_quotes(lines: _Lines, cells: list[_Cells]) -> Flags:
    """Which lines have the quotes of names and texts only, two each."""
    starts, stops = lines.starts - lines.starts[0], lines.stops - lines.starts[0]
    text = lines.data[lines.starts[0] : lines.stops[-1]]
    ranks = ByteRanks(text, _QUOTE)
    quotes = ranks.before(stops) - ranks.before(starts)
    if lines.has_escapes:
        letters = np.frombuffer(text, np.uint8)
        escaped = np.flatnonzero((letters[:-1] == _BACKSLASH) & (letters[1:] == _QUOTE))
        quotes -= np.diff(np.searchsorted(escaped, starts), append=len(escaped))
    texts = np.zeros(len(starts), np.int64)
    for one in cells:
        texts += one.are_texts
    found: Flags = quotes == 2 * (len(cells) + texts)
    return found


def _objects(text: bytes | memoryview) -> int:
    """How many objects some lines hold; none if there is anything else."""
    try:
        return len(_OBJECT.decode_lines(text))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0


def _are_utf8(lines: _Lines) -> Flags:
    return np.fromiter(map(is_utf8, lines.texts()), np.bool_)


def _columns(lines: _Lines, cells: list[_Cells]) -> pl.DataFrame:
    """The values as text, named by their places."""
    # From where each line begins to where the next one does, whatever else is between them.
    edges = np.append(lines.starts, lines.stops[-1:])
    buffers = [None, pa.py_buffer(edges), pa.py_buffer(lines.data)]
    parts = {"line": pl.Series(pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(lines.starts), buffers))}
    for place, one in enumerate(cells):
        parts |= {f"start{place}": pl.Series(one.starts - lines.starts), f"length{place}": pl.Series(one.lengths)}
        if one.are_null.any():
            parts[f"null{place}"] = pl.Series(one.are_null)
    return pl.DataFrame(parts).select(_column(place, parts) for place in range(len(cells)))


def _column(place: int, parts: Container[str]) -> pl.Expr:
    cut = pl.col("line").bin.slice(pl.col(f"start{place}"), pl.col(f"length{place}")).cast(pl.String)
    if f"null{place}" in parts:
        cut = pl.when(~pl.col(f"null{place}")).then(cut)
    return cut.alias(str(place))
