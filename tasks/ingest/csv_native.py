"""Polars' own reader, kept to what it reads exactly: lines that are known to be whole records of the right width."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_lines import Bounds, Places
from tasks.ingest.csv_plan import DOUBT, LAST_IS_NULL, Plan
from tasks.ingest.csv_shape import CR, Shape

# Where Polars may leave columns out it no longer notices that a line has too many cells.
_ALL_CELLS = pl.QueryOptFlags(projection_pushdown=False)


class Records(NamedTuple):
    """Records that were read: most of them typed already, the others as text, to be cast with a closer look."""

    typed: pl.DataFrame  # `landed_schema`
    texts: pl.DataFrame  # the contract's columns as text, `__line` and `__span`


class RawLines(NamedTuple):
    """The lines of some bytes, one a record."""

    data: bytes
    bounds: Bounds
    numbers: Places  # in the file


def scan(data: bytes, shape: Shape, *, has_quotes: bool) -> pl.LazyFrame:
    """Bytes as columns of text, named by their places."""
    line_end = bytes([shape.line_end])
    return pl.scan_csv(
        # In a last line without its end Polars overlooks an empty cell too many.
        data if data.endswith(line_end) else data + line_end,
        has_header=False,
        schema=shape.schema,
        separator=shape.dialect.delimiter,
        quote_char=shape.dialect.quote if has_quotes else None,
        eol_char="\r" if shape.line_end == CR else "\n",
        raise_if_empty=False,
    )


def read_typed(data: bytes, plan: Plan, *, has_quotes: bool) -> pl.DataFrame | None:
    """The contract's columns, `__doubt` and `__last_is_null`; None where Polars finds the bytes damaged."""
    try:
        query = scan(data, plan.shape, has_quotes=has_quotes).select(plan.typed(has_quotes=has_quotes))
        read = query.collect(engine="streaming", optimizations=_ALL_CELLS)
    except pl.exceptions.PolarsError:
        return None
    return plan.without_missing(read)


def read_texts(data: bytes, shape: Shape, *, has_quotes: bool) -> pl.DataFrame | None:
    """All columns as text; None where Polars finds the bytes damaged."""
    try:
        return scan(data, shape, has_quotes=has_quotes).collect(engine="streaming")
    except pl.exceptions.PolarsError:
        return None


def settle(read: pl.DataFrame, lines: RawLines, plan: Plan, *, has_quotes: bool) -> Records:
    """Number the rows that `read_typed` gave, and read those in doubt again, as text.

    Args:
        read: a row a line.
        lines: where these are.
        plan: of the file.
        has_quotes: whether quotes in them mean anything.
    """
    is_sure = ~read.get_column(DOUBT)
    doubtful = np.flatnonzero(~is_sure.to_numpy())
    if not len(doubtful):
        return Records(numbered(read, lines.numbers), plan.no_texts)
    again = read_texts(joined_lines(lines, doubtful, plan.shape.line_end), plan.shape, has_quotes=has_quotes)
    if again is None or again.height != len(doubtful):
        raise AssertionError(f"lines from {lines.numbers[0]} on cannot be read a second time")
    # Column by column: a frame would wake other threads for it, which costs more than they save.
    rows = numbered(read, lines.numbers)
    sure = pl.DataFrame([column.filter(is_sure) for column in rows.iter_columns()])
    return Records(sure, plan.texts(numbered(again, lines.numbers[doubtful])))


def numbered(read: pl.DataFrame, numbers: Places) -> pl.DataFrame:
    """Rows of one line each with `__line` and `__span`, and without what the reading noted.

    All columns are cut into chunks at the same rows: where they are not, every one is copied before it is written.
    """
    columns = [column for column in read.get_columns() if column.name not in (DOUBT, LAST_IS_NULL)]
    parts = np.split(numbers, np.cumsum(columns[0].chunk_lengths()[:-1], dtype=np.int64))
    lines = pl.concat([pl.Series(LINE, part, pl.Int64) for part in parts], rechunk=False)
    spans = pl.concat([pl.Series(SPAN, np.ones(len(part), np.uint32)) for part in parts], rechunk=False)
    return pl.DataFrame([*columns, lines, spans])


def joined_lines(lines: RawLines, places: Places, line_end: int) -> bytes:
    """Some of the lines, one after another."""
    if not len(places):
        return b""
    breaks = np.flatnonzero(np.diff(lines.numbers[places]) != 1)
    first = places[np.concatenate(([0], breaks + 1))]
    last = places[np.concatenate((breaks, [len(places) - 1]))]
    view = memoryview(lines.data)
    runs = zip(lines.bounds.starts[first].tolist(), lines.bounds.ends[last].tolist(), strict=True)
    return bytes([line_end]).join([*(view[start:end] for start, end in runs), b""])


def together(parts: list[Records]) -> Records:
    """Several readings as one."""
    return Records(_stacked([part.typed for part in parts]), _stacked([part.texts for part in parts]))


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Frames on top of each other; most have no rows."""
    some = [frame for frame in frames if frame.height] or frames[:1]
    return some[0] if len(some) == 1 else pl.concat(some)
