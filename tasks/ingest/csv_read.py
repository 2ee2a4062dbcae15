"""A CSV file's blocks read in order, each by the fast path or else the exact one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_blocks import Block, new_block
from tasks.ingest.csv_exact import read_exactly
from tasks.ingest.csv_fast import read_clean
from tasks.ingest.csv_native import Records
from tasks.ingest.csv_origin import letters_at
from tasks.ingest.csv_plan import Plan
from tasks.ingest.letters import NONE_FOUND

_LOOK_AGAIN_EVERY = 8
_MOST_BROKEN = 20_000  # records in a piece
_FEW_BROKEN = 4_000
_HELD = 4


class ReadBlock(NamedTuple):
    """What a block holds. What is left unfinished at its end (`tail` bytes) is read with the next one."""

    block: Block
    records: Records
    dead: pl.DataFrame  # `letters.FOUND`, in the order of the file
    blank: int
    tail: int = 0

    def raw(self, records: pl.DataFrame) -> pl.DataFrame:
        """Where some of the records lie, and their bytes, as `letters.FOUND`; the code is left empty."""
        places = records.get_column(LINE).to_numpy() - self.block.line
        spans = records.get_column(SPAN).to_numpy().astype(np.int64)
        return letters_at(self.block, places, spans, [""] * len(places))

    @property
    def broken(self) -> int:
        """How many records are no rows, or may be none."""
        return self.records.texts.height + self.dead.height

    def pieces(self) -> Iterator[ReadBlock]:
        """The block itself; in pieces where much of it is broken, since each broken record takes much memory later."""
        if self.broken <= _MOST_BROKEN:
            yield self
            return
        broken = pl.concat([self.records.texts.get_column(LINE), self.dead.get_column("line")]).sort()
        cuts = broken.gather_every(_MOST_BROKEN)[1:].to_list()
        blank = self.blank
        for first, after in pairwise([self.block.line, *cuts, self.block.line + self.block.lines]):
            lines = pl.col(LINE).is_between(first, after, closed="left")
            dead = self.dead.filter(pl.col("line").is_between(first, after, closed="left"))
            records = Records(*(some.filter(lines) for some in self.records))
            yield ReadBlock(self.block, records, dead, blank, self.tail)
            blank = 0


def read_blocks(blocks: Iterable[Block], plan: Plan) -> Iterator[ReadBlock]:
    """Read one file's blocks. After some that were not clean the fast path is not tried, and again later.

    Which path reads a block never changes what is read, only how long it takes.
    """
    left: Block | None = None
    dirty_in_turn = 0
    for next_block in blocks:
        block = next_block if left is None else _joined(left, next_block)
        may_be_clean = dirty_in_turn < 2 or dirty_in_turn % _LOOK_AGAIN_EVERY == 0
        records = read_clean(block, plan) if may_be_clean else None
        if records is not None:
            read = ReadBlock(block, records, NONE_FOUND, 0)
        else:
            read = ReadBlock(block, *read_exactly(block, plan))
        dirty_in_turn = 0 if records is not None else dirty_in_turn + 1
        left = _tail(read) if read.tail else None
        yield read
    if left is not None:
        block = replace(left, is_last=True)
        yield ReadBlock(block, *read_exactly(block, plan))


def together(reads: Iterable[ReadBlock]) -> Iterator[list[ReadBlock]]:
    """Blocks with a few broken records some at a time, since to cast these costs hardly more than those of one."""
    held: list[ReadBlock] = []
    for read in reads:
        held.append(read)
        if len(held) == _HELD or not 0 < read.broken <= _FEW_BROKEN:
            yield held
            held = []
    if held:
        yield held


def _joined(left: Block, block: Block) -> Block:
    joined = new_block(left.data + block.data, left.line, left.offset, block.line_end, is_last=block.is_last)
    return replace(joined, has_marks=left.has_marks or block.has_marks)


def _tail(read: ReadBlock) -> Block:
    block, cut = read.block, len(read.block.data) - read.tail
    rest = new_block(block.data[cut:], 0, block.offset + cut, block.line_end, is_last=False)
    return replace(rest, line=block.line + block.lines - rest.lines, has_marks=block.has_marks)
