"""The fast path: a block is read natively, and accepted only where cheap counts of its bytes prove the reading right.

`None` is no verdict on the block, it only says that the proof does not hold: the exact path decides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_blocks import Block, count_byte
from tasks.ingest.csv_shape import CR, LF, MAX_JOIN_BYTES, MAX_JOIN_LINES, NUL, Shape

Bytes = npt.NDArray[np.uint8]


def read_clean(block: Block, shape: Shape) -> pl.DataFrame | None:
    """Read a block whose every line is beyond doubt.

    Returns:
        The records as text with `__line` and `__span`; None where the block is not proven clean.
    """
    if not _is_plain(block.data, shape):
        return None
    has_quotes = shape.quote is not None and shape.quote in block.data
    if has_quotes and not _quotes_are_structural(np.frombuffer(block.data, np.uint8), shape):
        return None
    frame = read_text(block.data, shape, has_quotes=has_quotes)
    if frame is None:
        return None
    lines = _line_count(block.data, shape.line_end)
    if not _has_no_short_line(block.data, frame, shape, lines, has_quotes=has_quotes):
        return None
    if frame.height == lines:
        return _with_places(frame, pl.int_range(block.line, block.line + lines, dtype=pl.Int64), pl.lit(1, pl.UInt32))
    return _with_spans(frame, block.line, lines, shape) if has_quotes else None


def read_text(data: bytes, shape: Shape, *, has_quotes: bool) -> pl.DataFrame | None:
    """Read bytes natively, all columns as text; None where Polars finds them damaged."""
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema=shape.schema,
            separator=shape.dialect.delimiter,
            quote_char=shape.dialect.quote if has_quotes else None,
            eol_char="\r" if shape.line_end == CR else "\n",
        )
    except pl.exceptions.PolarsError:
        return None


def _is_plain(data: bytes, shape: Shape) -> bool:
    """Whether there is nothing in it that Polars reads in a way of its own."""
    if NUL in data or (shape.escape is not None and shape.escape in data):
        return False
    if shape.line_end == CR:
        return LF not in data
    return CR not in data or data.count(b"\r") == data.count(b"\r\n")


def _line_count(data: bytes, line_end: int) -> int:
    return count_byte(data, line_end) + (data[-1] != line_end)


def _has_no_short_line(data: bytes, frame: pl.DataFrame, shape: Shape, lines: int, *, has_quotes: bool) -> bool:
    """Whether no line lacks cells. Polars refuses long lines, but fills short ones up with nulls."""
    if frame[shape.columns[-1]].null_count() == 0:
        return True
    if shape.width == 1:
        return False  # a blank line
    expected = frame.height * (shape.width - 1)
    if not has_quotes:
        return frame.height == lines and count_byte(data, shape.delimiter) == expected
    array = np.frombuffer(data, np.uint8)
    delimiters = np.flatnonzero(array == shape.delimiter)
    quotes_before = np.searchsorted(np.flatnonzero(array == shape.quote), delimiters)
    return int(np.count_nonzero(quotes_before % 2 == 0)) == expected


def _quotes_are_structural(array: Bytes, shape: Shape) -> bool:
    """Whether each quote opens a cell, closes one, or is doubled inside one."""
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


def _with_places(frame: pl.DataFrame, line: pl.Expr, span: pl.Expr) -> pl.DataFrame:
    return frame.with_columns(line.alias(LINE), span.alias(SPAN))


def _with_spans(frame: pl.DataFrame, first_line: int, lines: int, shape: Shape) -> pl.DataFrame | None:
    """Number records some of which span lines; None where one of these could be an unclosed quote."""
    line_ends = _in_cells(shape, chr(shape.line_end))
    spans = frame.select(pl.sum_horizontal(line_ends).cast(pl.UInt32).alias(SPAN) + 1).to_series()
    if spans.sum() != lines or _has_doubtful(frame.filter(spans > 1), shape):
        return None
    line = np.cumsum(spans.to_numpy(), dtype=np.int64) - spans.to_numpy() + first_line
    return frame.with_columns(pl.Series(LINE, line, dtype=pl.Int64), spans)


def _has_doubtful(multiline: pl.DataFrame, shape: Shape) -> bool:
    """Whether a record that spans lines is so large, or holds what could be so many rows, that it must be looked at."""
    delimiters = pl.max_horizontal(_in_cells(shape, shape.dialect.delimiter)).max()
    line_ends = pl.sum_horizontal(_in_cells(shape, chr(shape.line_end))).max()
    size = pl.sum_horizontal(pl.col(name).str.len_bytes() for name in shape.columns).max()
    found = multiline.select(delimiters.alias("delimiters"), line_ends.alias("line_ends"), size.alias("size"))
    most_delimiters, most_line_ends, most_bytes = found.row(0)
    is_large = most_line_ends >= MAX_JOIN_LINES or most_bytes > MAX_JOIN_BYTES // 4
    return is_large or (shape.width > 1 and most_delimiters >= shape.width - 1)


def _in_cells(shape: Shape, text: str) -> list[pl.Expr]:
    """How often a character occurs in each cell."""
    return [pl.col(name).str.count_matches(text, literal=True).fill_null(0) for name in shape.columns]
