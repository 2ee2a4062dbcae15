"""A CSV file's blocks read by two workers, in order, each by the fast path or else the exact one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from threading import Lock
from typing import NamedTuple, TypeVar

import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_blocks import Block, new_block
from tasks.ingest.csv_exact import read_exactly
from tasks.ingest.csv_fast import read_clean
from tasks.ingest.csv_native import Records
from tasks.ingest.csv_plan import Plan
from tasks.ingest.letters import Letter

WORKERS = 2
_AHEAD = 2
_LOOK_AGAIN_EVERY = 8
_FLOOD_SHARE = 0.2  # of a block's lines


class ReadBlock(NamedTuple):
    """What a block holds. What is left unfinished at its end (`tail` bytes) is read with the next one."""

    block: Block
    records: Records
    dead: list[Letter]
    blank: int
    tail: int = 0

    def raw(self, records: pl.DataFrame) -> list[Letter]:
        """Where some of the records lie, and their bytes; the code is left empty."""
        starts, ends = self.block.bounds
        letters = []
        for line, span in records.select(LINE, SPAN).iter_rows():
            first = line - self.block.line
            start, end = int(starts[first]), int(ends[first + span - 1])
            letters.append(Letter(line, line + span - 1, self.block.offset + start, self.block.data[start:end], ""))
        return letters


class BlockReader:
    """Reads one file's blocks. After some that were not clean it stops trying the fast path, and looks again later.

    Which path reads a block never changes what is read, only how long it takes.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._dirty_in_turn = 0
        self._is_flooded = False
        self._one_at_a_time = Lock()

    def turn(self) -> AbstractContextManager[object]:
        """To be held while a block is worked on: floods of dead letters come one block at a time.

        They are made in Python, which runs in one thread at a time anyway: a second such block would only take memory.
        """
        return self._one_at_a_time if self._is_flooded else nullcontext()

    def read(self, block: Block) -> ReadBlock:
        """Read one block."""
        if self._dirty_in_turn < 2 or self._dirty_in_turn % _LOOK_AGAIN_EVERY == 0:
            records = read_clean(block, self.plan)
            if records is not None:
                self._dirty_in_turn = 0
                return ReadBlock(block, records, [], 0)
        self._dirty_in_turn += 1
        read = ReadBlock(block, *read_exactly(block, self.plan))
        self._is_flooded = len(read.dead) > _FLOOD_SHARE * block.lines
        return read


Result = TypeVar("Result")


def read_in_order(
    blocks: Iterable[Block], line_end: int, work: Callable[[Block], tuple[Result, int]]
) -> Iterator[Result]:
    """Work on blocks in parallel and hand on the results in order.

    Args:
        blocks: the file's blocks; at most a few are alive at any time.
        line_end: the byte that ends a line.
        work: gives a result, and how many bytes at the block's end it left for the next one.
    """
    with ThreadPoolExecutor(WORKERS, "csv") as pool:
        waiting: deque[tuple[Block, Future[tuple[Result, int]]]] = deque()
        left: Block | None = None

        def take() -> Result:
            nonlocal left
            block, future = waiting.popleft()
            if left is not None:
                future.cancel()
                block = new_block(left.data + block.data, left.line, left.offset, line_end, is_last=block.is_last)
                future = pool.submit(work, block)
            result, tail = future.result()
            left = _tail(block, tail, line_end) if tail else None
            return result

        for block in blocks:
            waiting.append((block, pool.submit(work, block)))
            if len(waiting) > _AHEAD:
                yield take()
        while waiting:
            yield take()
        if left is not None:
            yield work(replace(left, is_last=True))[0]


def _tail(block: Block, tail: int, line_end: int) -> Block:
    cut = len(block.data) - tail
    rest = new_block(block.data[cut:], 0, block.offset + cut, line_end, is_last=False)
    return replace(rest, line=block.line + block.lines - rest.lines)
