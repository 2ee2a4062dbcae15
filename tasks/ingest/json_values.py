"""Values of JSON as they are written, made into columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa

_ABSENT = b" "  # stands for a key that an object lacks: no value is a blank
NOTHING = msgspec.Raw(_ABSENT)
_ENCODER = msgspec.json.Encoder()
_STRINGS = msgspec.json.Decoder(list[str])


def lines_of(values: Iterable[msgspec.Raw]) -> bytes:
    """Values, a line each."""
    every = [*values]
    text = _ENCODER.encode_lines(every)
    if text.count(b"\n") == len(every):
        return text
    # Line ends in an object or array; a string has none.
    return b"".join(bytes(value).replace(b"\n", b" ") + b"\n" for value in every)


def absent_lines(height: int) -> bytes:
    """As many lines for a key that the objects lack."""
    return (_ABSENT + b"\n") * height


def columns_of(texts: Sequence[bytes], height: int) -> tuple[pl.DataFrame, int]:
    """Columns of values, named by their places: a key may be any text, and some texts mean several columns to Polars.

    Args:
        texts: for each column its values, a line each.
        height: how many.

    Returns:
        Strings without their quotes and escapes, null for null and nothing, all else as it is written; and how much
        is nothing.
    """
    written = pl.DataFrame({str(place): _series(values, height) for place, values in enumerate(texts)})
    frame, absent = _plain(written)
    escaped = [str(place) for place, values in enumerate(texts) if b"\\" in values]
    strings = {place: written[place].str.starts_with('"') for place in escaped}
    return frame.with_columns(without_escapes(frame[place], strings[place]) for place in escaped), absent


def without_escapes(texts: pl.Series, are_strings: pl.Series | None = None) -> pl.Series:
    """The column with the escapes in its strings taken out, which all are if nothing is said of it."""
    has_escapes = texts.str.contains("\\", literal=True)
    places = (has_escapes if are_strings is None else has_escapes & are_strings).arg_true()
    if not len(places):
        return texts
    return texts.scatter(places, _STRINGS.decode('["' + '","'.join(texts.gather(places)) + '"]'))


def is_utf8(data: bytes) -> bool:
    """Whether bytes are valid UTF-8. Twice as fast as decoding them."""
    if data.isascii():
        return True
    try:
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _series(values: bytes, height: int) -> pl.Series:
    """Values of a line each as a column, the line ends included: made from their places, which is the quickest."""
    letters = np.frombuffer(values, np.uint8)
    ends = np.append(0, np.flatnonzero(letters == ord("\n")) + 1)
    texts = pa.LargeStringArray.from_buffers(height, pa.py_buffer(ends.astype(np.int64)), pa.py_buffer(values))
    return pl.Series(texts, dtype=pl.String)


def _plain(written: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Strings without their quotes, null for null and nothing, all else as it is written; how much is nothing."""
    if written.is_empty():
        return written, 0
    is_all_string = written.select(pl.all().str.starts_with('"').all()).row(0)
    absent = written.select((pl.all() == " \n").sum()).sum_horizontal().item()
    columns = zip(written.columns, is_all_string, strict=True)
    return written.select(_inner(place) if is_string else _mixed(place) for place, is_string in columns), absent


def _inner(place: str) -> pl.Expr:
    return pl.col(place).str.slice(1).str.head(-2)


def _mixed(place: str) -> pl.Expr:
    line = pl.col(place)
    other = pl.when(~line.is_in(["null\n", " \n"])).then(line.str.head(-1))
    return pl.when(line.str.starts_with('"')).then(_inner(place)).otherwise(other)
