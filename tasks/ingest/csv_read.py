"""A CSV file's blocks read in order, each by the fast path or else the exact one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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

_AT_ONCE = 2
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
    """Read one file's blocks in order; while they are clean, two at once (docs/decisions/0102)."""
    reader = _Reader(plan)
    waiting: deque[_Tried] = deque()
    with ThreadPoolExecutor(_AT_ONCE, "clean") as pool:
        for block in blocks:
            waiting.append(_Tried(block, pool.submit(read_clean, block, plan) if reader.was_clean else None))
            if len(waiting) == _AT_ONCE:
                yield reader.read(waiting.popleft())
        while waiting:
            yield reader.read(waiting.popleft())
    yield from reader.rest()


class _Tried(NamedTuple):
    block: Block
    clean: Future[Records | None] | None  # what the fast path makes of it, where it is tried ahead


class _Reader:
    """Reads blocks one after the other. After some that were not clean the fast path is not tried, and again later.

    Which path reads a block never changes what is read, only how long it takes.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._left: Block | None = None
        self._dirty_in_turn = 0

    @property
    def was_clean(self) -> bool:
        """Whether the last block was."""
        return self._dirty_in_turn == 0

    def read(self, tried: _Tried) -> ReadBlock:
        """Read the next block, with what was left of the one before."""
        block, records = tried.block, None
        if self._left is not None:
            block, tried = _joined(self._left, block), _Tried(block, None)
        if tried.clean is not None:
            records = tried.clean.result()
        elif self._dirty_in_turn < 2 or self._dirty_in_turn % _LOOK_AGAIN_EVERY == 0:
            records = read_clean(block, self._plan)
        self._dirty_in_turn = self._dirty_in_turn + 1 if records is None else 0
        if records is not None:
            self._left = None
            return ReadBlock(block, records, NONE_FOUND, 0)
        read = ReadBlock(block, *read_exactly(block, self._plan))
        self._left = _tail(read) if read.tail else None
        return read

    def rest(self) -> Iterator[ReadBlock]:
        """What was left of the last block."""
        if self._left is not None:
            block = replace(self._left, is_last=True)
            yield ReadBlock(block, *read_exactly(block, self._plan))


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
