"""The fast path: a block is read natively, and accepted only where cheap counts of its bytes prove the reading right.

`None` is no verdict on the block, it only says that the proof does not hold: the exact path decides.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_blocks import Block
from tasks.ingest.csv_native import RawLines, Records, numbered, read_texts, read_typed, settle
from tasks.ingest.csv_plan import DOUBT, LAST_IS_NULL, Plan
from tasks.ingest.csv_proof import are_structural, has_all_cells, is_plain, wrap_whole_cells
from tasks.ingest.csv_shape import MAX_JOIN_BYTES, MAX_JOIN_LINES, Shape


def read_clean(block: Block, plan: Plan) -> Records | None:
    """Read a block whose every line is beyond doubt; None where it is not proven clean."""
    shape = plan.shape
    if block.has_marks or not is_plain(block.data, shape):
        return None
    if shape.quote is None or shape.quote not in block.data:
        return _read_lines(block, plan, has_quotes=False)
    if wrap_whole_cells(block.data, block.lines, shape):
        return _read_lines(block, plan, has_quotes=True)
    if are_structural(block.data, shape):
        return _read_lines(block, plan, has_quotes=True, may_span=True)
    return None


def _read_lines(block: Block, plan: Plan, *, has_quotes: bool, may_span: bool = False) -> Records | None:
    """Read a block in which each line is a record, or else some span lines."""
    read = read_typed(block.data, plan, has_quotes=has_quotes)
    if read is None:
        return None
    if read.height != block.lines:
        return _read_spans(block, plan) if may_span else None
    if read.get_column(LAST_IS_NULL).any() and not has_all_cells(block.data, block.lines, plan.shape):
        return None
    if not read.get_column(DOUBT).any():
        return Records(numbered(read, np.arange(block.line, block.line + block.lines)), plan.no_texts)
    numbers = np.arange(block.line, block.line + block.lines)
    return settle(read, RawLines(block.data, block.bounds, numbers), plan, has_quotes=has_quotes)


def _read_spans(block: Block, plan: Plan) -> Records | None:
    """Read a block in which some records span lines; None where one of these could be an unclosed quote."""
    shape = plan.shape
    texts = read_texts(block.data, shape, has_quotes=True)
    if texts is None:
        return None
    if texts.get_column(shape.columns[-1]).null_count() and not has_all_cells(block.data, texts.height, shape):
        return None
    line_ends = _in_cells(shape, chr(shape.line_end))
    spans = texts.select(pl.sum_horizontal(line_ends).cast(pl.UInt32).alias(SPAN) + 1).to_series()
    if spans.sum() != block.lines or _has_doubtful(texts.filter(spans > 1), shape):
        return None
    numbers = np.cumsum(spans.to_numpy(), dtype=np.int64) - spans.to_numpy() + block.line
    return Records(plan.no_rows, plan.texts(texts.with_columns(pl.Series(LINE, numbers, pl.Int64), spans)))


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
