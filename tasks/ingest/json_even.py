"""Lines of JSON objects that are all written alike, cut into columns by the places of their keys.

Programs write the same keys in the same order with the same blanks around them, line by line. Where that is so, values
need not become objects one by one; and that it is so is proven, not assumed. A decoder has found each line to be one
object. In each, the names of the keys stand where the first line would have them; between two of them is what begins
as text in quotes, a number, true, false or null, and ends as such; and there are no other quotes than those of the keys
and two for each text. So no text holds what looks like a key, and no value is anything but what stands between.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from tasks.ingest.csv_blocks import count_byte
from tasks.ingest.json_values import without_escapes

Places = npt.NDArray[np.int64]
_QUOTE, _BACKSLASH, _COMMA, _N = b'"\\,n'
_FIRST = np.isin(np.arange(256), np.frombuffer(b'"-0123456789tfn', np.uint8))  # how a value begins that is not nested
_LAST = np.isin(np.arange(256), np.frombuffer(b'"0123456789el', np.uint8))
_OPENING = re.compile(rb'\{[ \t]*+"[^"\\]*+"([ \t]*+:[ \t]*+)')


class _Object(msgspec.Struct, gc=False):
    """An object that is not looked into."""


_LINES = msgspec.json.Decoder(_Object)
_VALUES = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Layout(NamedTuple):
    """How a line is written."""

    keys: list[str]
    openings: list[bytes]  # what stands before each value: `{"a": `, and `, "b": ` for all but the first
    comma: int  # where it is in these
    closing: bytes  # what stands behind the last value


class _Cells(NamedTuple):
    """Where the values of a key are, without the quotes of texts."""

    starts: Places
    lengths: Places
    texts: int  # how many are texts
    is_null: npt.NDArray[np.bool_] | None  # None where none is

    @property
    def values(self) -> int:
        """How many there are."""
        return len(self.starts)


def even_columns(data: bytes, starts: Places, stops: Places) -> pl.DataFrame | None:
    """The values of some lines as they are written, a column a key; None where the lines are not all alike.

    Args:
        data: what the lines stand in, one after the other.
        starts: where each begins.
        stops: where each ends, without its line end.
    """
    first, end = int(starts[0]), int(stops[-1])
    has_escapes = data.find(b"\\", first, end) >= 0
    layout = _layout(data[first : stops[0]])
    # Behind two backslashes a quote might be none of those that are escaped.
    if layout is None or (has_escapes and data.find(b"\\\\", first, end) >= 0):
        return None
    letters = np.frombuffer(data, np.uint8)
    cells = _cells(letters, starts, stops, layout)
    if cells is None or (has_escapes and any(_ends_in_escape(letters, one) for one in cells)):
        return None
    text = memoryview(data)[first:end]
    quotes = count_byte(text, _QUOTE) - (data.count(b'\\"', first, end) if has_escapes else 0)
    if quotes != 2 * sum(one.values + one.texts for one in cells) or not _are_objects(text, len(starts)):
        return None
    found = _columns(data, np.append(starts, end), cells)
    if found is None:
        return None
    found = found.with_columns(map(without_escapes, found)) if has_escapes else found
    found.columns = layout.keys
    return found


def _layout(line: bytes) -> _Layout | None:
    """How a line is written; None if it cannot be told from its beginning."""
    opening = _OPENING.match(line)
    try:
        values = {key: bytes(raw) for key, raw in _VALUES.decode(line).items()}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not opening or not values:
        return None
    behind = opening.end() + len(next(iter(values.values())))
    comma = line[behind : line.find(b'"', behind)] if len(values) > 1 else b","
    names = [b'"%b"%b' % (key.encode(), opening[1]) for key in values]
    first = line[: opening.end()]
    body = first[: -len(names[0])] + comma.join(map(bytes.__add__, names, values.values()))
    if comma.strip() != b"," or not line.startswith(body):  # a key twice, or other blanks
        return None
    return _Layout(list(values), [first, *(comma + name for name in names[1:])], comma.find(b","), line[len(body) :])


def _cells(letters: npt.NDArray[np.uint8], starts: Places, stops: Places, layout: _Layout) -> list[_Cells] | None:
    """The values of each key; None where something else stands in a place where a name should be, or a value."""
    edges = _edges(letters, starts, stops, layout)
    if edges is None:
        return None
    cells = []
    for opening, start, end in zip(layout.openings, edges[:-1], edges[1:], strict=True):
        found = _values(letters, start + len(opening), end) if _is_at(letters, start, opening) else None
        if found is None:
            return None
        cells.append(found)
    return cells


def _edges(letters: npt.NDArray[np.uint8], starts: Places, stops: Places, layout: _Layout) -> list[Places] | None:
    """Where the opening of each value begins, and at last where the closing of the lines does."""
    last = stops - len(layout.closing)
    if not _is_at(letters, last, layout.closing):
        return None
    if len(layout.openings) == 1:
        return [starts, last]
    commas = np.flatnonzero(letters[starts[0] : stops[-1]] == _COMMA) + starts[0]
    before_name = layout.openings[-1][: layout.openings[-1].find(b'"') + 1]
    for place, sign in enumerate(before_name):
        if place != layout.comma:
            beside = np.minimum(commas + (place - layout.comma), len(letters) - 1)
            commas = commas[letters[beside] == sign]
    if len(commas) != len(starts) * (len(layout.openings) - 1):
        return None
    inner = np.ascontiguousarray((commas - layout.comma).reshape(len(starts), -1).T)
    return [starts, *inner, last] if (inner[0] > starts).all() and (inner[-1] < last).all() else None


def _is_at(letters: npt.NDArray[np.uint8], places: Places, sign: bytes) -> bool:
    """Whether some bytes stand in all these places."""
    windows = np.ndarray((len(letters) - len(sign) + 1,), f"V{len(sign)}", letters, strides=(1,))
    return windows[np.minimum(places, len(windows) - 1)].tobytes() == sign * len(places)


def _values(letters: npt.NDArray[np.uint8], starts: Places, ends: Places) -> _Cells | None:
    """What is between two places each; None unless it begins and ends like one value each."""
    lengths = ends - starts
    if not (lengths > 0).all():
        return None
    first, last = letters[starts], letters[ends - 1]
    is_text = first == _QUOTE
    texts = int(np.count_nonzero(is_text))
    if not ((last == _QUOTE) == is_text).all():
        return None
    if texts == len(starts):
        return _Cells(starts + 1, lengths - 2, texts, None) if (lengths > 1).all() else None
    if not (_FIRST[first] & _LAST[last] & (lengths > is_text)).all():
        return None
    is_null = first == _N
    return _Cells(starts + is_text, lengths - 2 * is_text, texts, is_null if is_null.any() else None)


def _ends_in_escape(letters: npt.NDArray[np.uint8], cells: _Cells) -> bool:
    """Whether the quote behind a value is one of its own, that is escaped."""
    return bool((letters[cells.starts + cells.lengths - 1] == _BACKSLASH).any())


def _are_objects(text: memoryview, lines: int) -> bool:
    try:
        return len(_LINES.decode_lines(text)) == lines
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def _columns(data: bytes, edges: Places, cells: list[_Cells]) -> pl.DataFrame | None:
    starts, buffers = edges[:-1], [None, pa.py_buffer(edges), pa.py_buffer(data)]
    lines = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(starts), buffers)
    parts = {"lines": pl.Series(lines)}
    for place, one in enumerate(cells):
        parts |= {f"start{place}": pl.Series(one.starts - starts), f"length{place}": pl.Series(one.lengths)}
        if one.is_null is not None:
            parts[f"null{place}"] = pl.Series(one.is_null)
    try:
        return pl.DataFrame(parts).select(_column(place, one) for place, one in enumerate(cells))
    except pl.exceptions.ComputeError:  # text that is not UTF-8
        return None


def _column(place: int, cells: _Cells) -> pl.Expr:
    cut = pl.col("lines").bin.slice(pl.col(f"start{place}"), pl.col(f"length{place}")).cast(pl.String)
    if cells.is_null is not None:
        cut = pl.when(~pl.col(f"null{place}")).then(cut)
    return cut.alias(str(place))
