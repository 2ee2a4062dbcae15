"""The exact path: a block read line by line where it must be, natively where it may be.

Lines that are whole records are cut out and read natively. The others are dead letters, blanks, or records that span
lines: from a line whose quote is still open, lines are joined until the quote closes, within bounds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_blocks import Block
from tasks.ingest.csv_grammar import RecordParser, State
from tasks.ingest.csv_lines import Bounds, Flags, Lines, Places, find_lines, marked_lines, without_regular
from tasks.ingest.csv_native import RawLines, Records, joined_lines, read_typed, settle, together
from tasks.ingest.csv_origin import letters_at
from tasks.ingest.csv_plan import Plan
from tasks.ingest.csv_shape import MAX_JOIN_BYTES, MAX_JOIN_LINES, LooksLikeRow, Shape
from tasks.ingest.letters import NONE_FOUND
from tasks.ingest.utf8_stream import MARK

_MANY_LINES = 10


class Dead(NamedTuple):
    """Some lines of a block that are no record."""

    place: int  # of the first one, from 0
    lines: int
    code: str


class ExactRead(NamedTuple):
    """What a block holds. `tail` is how many of its last bytes belong to a record that the next block goes on with."""

    records: Records
    dead: pl.DataFrame  # `letters.FOUND`, in order
    blank: int
    tail: int


def read_exactly(block: Block, plan: Plan) -> ExactRead:
    """Read a block whatever it holds."""
    shape = plan.shape
    lines = find_lines(block.data, block.bounds, shape)
    lines = without_regular(lines, marked_lines(block.data, block.bounds)) if block.has_marks else lines
    joined = _Joiner(block, lines, shape).run()
    is_native = lines.is_regular & ~joined.is_taken
    records = [
        _native(block, lines, plan, is_native & ~lines.is_special, has_quotes=False),
        _native(block, lines, plan, is_native & lines.is_special, has_quotes=True),
        _from_rows(joined.rows, joined.places, plan),
    ]
    rest = ~lines.is_regular & ~joined.is_taken
    blank = rest & lines.is_blank
    dead = _letters(block, [*joined.dead, *_plain(lines, np.flatnonzero(rest & ~blank), shape)])
    return ExactRead(together(records), dead, int(blank.sum()), joined.tail)


def _plain(lines: Lines, places: Places, shape: Shape) -> Iterator[Dead]:
    """Why lines without structural quotes are no records."""
    is_short = lines.delimiters[places] < shape.width - 1
    faults = [lines.is_undecodable[places], lines.has_nul[places], is_short]
    codes = np.select(faults, ["invalid_encoding", "nul_byte", "too_few_fields"], "too_many_fields")
    return map(Dead, places.tolist(), repeat(1), codes.tolist())


def _letters(block: Block, dead: list[Dead]) -> pl.DataFrame:
    if not dead:
        return NONE_FOUND
    places, counts, codes = zip(*sorted(dead), strict=True)
    return letters_at(block, np.array(places), np.array(counts), codes)


def _native(block: Block, lines: Lines, plan: Plan, wanted: Flags, *, has_quotes: bool) -> Records:
    """Read the wanted lines natively: each is a whole record of the right width."""
    places = np.flatnonzero(wanted)
    if not len(places):
        return Records(plan.no_rows, plan.no_texts)
    mine = RawLines(block.data, Bounds(lines.starts[places], lines.ends[places]), places + block.line)
    data = joined_lines(mine, np.arange(len(places)), plan.shape.line_end)
    read = read_typed(data, plan, has_quotes=has_quotes)
    if read is None or read.height != len(places):
        raise AssertionError(f"the lines from {block.line} on were taken for regular, and are not")
    return settle(read, mine, plan, has_quotes=has_quotes)


def _from_rows(rows: list[list[str]], places: list[tuple[int, int]], plan: Plan) -> Records:
    if not rows:
        return Records(plan.no_rows, plan.no_texts)
    frame = pl.DataFrame(rows, schema=plan.shape.schema, orient="row").with_columns(
        pl.Series(LINE, [line for line, _ in places], pl.Int64),
        pl.Series(SPAN, [span for _, span in places], pl.UInt32),
    )
    return Records(plan.no_rows, plan.texts(frame))


@dataclass
class _Joiner:
    """Reads the lines that only exact reading can tell, and the records that span lines."""

    block: Block
    lines: Lines
    shape: Shape
    rows: list[list[str]] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)  # line and span of each row
    dead: list[Dead] = field(default_factory=list)
    tail: int = 0

    def __post_init__(self) -> None:
        self.is_taken: Flags = np.zeros(len(self.lines.starts), np.bool_)
        # Lines that can end a quoted cell, or must not be part of one.
        is_telling = self.lines.is_special | self.lines.is_literal | self.lines.is_undecodable
        self._telling: list[int] = np.flatnonzero(is_telling).tolist()
        self._starts = self.lines.starts.data  # one by one, numbers of Python are much quicker than those of an array

    def run(self) -> _Joiner:
        lines = self.lines
        for place in np.flatnonzero(~lines.is_regular & lines.is_special).tolist():
            if self.is_taken[place]:
                continue
            if lines.is_beyond_repair[place]:
                self._settle(place, 1, None)
            elif not self._read(place):
                self.tail = len(self.block.data) - self._starts[place]
                self.is_taken[place:] = True
                break
        return self

    def _read(self, at: int) -> bool:
        """Read the record that begins at a line; False where the block ends before that can be told."""
        parser = RecordParser(self.shape.dialect)
        state, count = State.OPEN, 0
        while state is State.OPEN:
            more = self._next_telling(at + count) - at + 1 if parser.is_in_quotes else count + 1
            is_known = at + more <= len(self._starts)
            if not self._may_join(at, more):
                break
            if not is_known:
                if not self.block.is_last and not self._is_doomed(at):
                    return False
                break
            if self.lines.is_undecodable[at + more - 1]:
                break
            text = self._text(at + count, more - count)
            if not count and self.block.has_marks:
                text = text.lstrip(MARK)
            state, count = parser.feed(text), more
        self._settle(at, count, parser.fields if state is State.WHOLE else None)
        return True

    def _next_telling(self, at: int) -> int:
        """The next line that can change what an open quote holds; the end of the block if there is none."""
        place = bisect_left(self._telling, at)
        return self._telling[place] if place < len(self._telling) else len(self._starts)

    def _may_join(self, at: int, count: int) -> bool:
        starts = self._starts
        start_of_last = starts[at + count - 1] if at + count <= len(starts) else len(self.block.data)
        return count <= MAX_JOIN_LINES and start_of_last - starts[at] <= MAX_JOIN_BYTES

    def _text(self, at: int, count: int = 1) -> str:
        """Some lines without the last line end, but with the CR before it, which inside quotes is content."""
        starts, after = self._starts, at + count
        end = starts[after] - 1 if after < len(starts) else len(self.block.data)
        data = self.block.data[starts[at] : end]
        return data.decode() if after < len(starts) else data.decode().removesuffix(chr(self.shape.line_end))

    def _settle(self, at: int, count: int, fields: list[str] | None) -> None:
        width = self.shape.width
        if self.lines.is_undecodable[at]:
            self._bury(at, 1, "invalid_encoding")
        elif fields is None or (count > 1 and self._hides_rows(at, count, len(fields) == width)):
            self._bury(at, 1, "bad_quote")
        elif self.lines.has_nul[at : at + count].any():
            self._bury(at, count, "nul_byte")
        elif len(fields) != width:
            self._bury(at, count, "too_few_fields" if len(fields) < width else "too_many_fields")
        else:
            self.rows.append(fields)
            self.places.append((self.block.line + at, count))
            self.is_taken[at : at + count] = True

    def _bury(self, at: int, count: int, code: str) -> None:
        self.dead.append(Dead(at, count, code))
        self.is_taken[at : at + count] = True

    def _hides_rows(self, at: int, count: int, has_width: bool) -> bool:
        """Whether the lines after the first look like records of their own, so that its quote was never closed."""
        if self.shape.width == 1:
            return False  # any line looks like a record then
        last = at + count - 1
        whole = self._regular(at + 1, last)
        if self.lines.is_literal[last] and self._closes_at_end(last):
            whole.append(last)
        if not has_width:
            return bool(whole)
        if self.shape.looks_like_row is not None:
            return self._has_row(whole, self.shape.looks_like_row)
        return self.shape.width > 2 and count > _MANY_LINES and len(whole) >= count - 2

    def _regular(self, first: int, after: int) -> list[int]:
        return (np.flatnonzero(self.lines.is_regular[first:after]) + first).tolist()

    def _has_row(self, places: list[int], looks_like_row: LooksLikeRow) -> bool:
        rows = (self._text(place).split(self.shape.dialect.delimiter) for place in places)
        return any(looks_like_row(row) for row in rows)

    def _is_doomed(self, at: int) -> bool:
        """Whether rows follow in the block: wherever the quote closes after these, it hides them."""
        shape = self.shape
        if shape.width == 1 or shape.looks_like_row is None:
            return False
        return self._has_row(self._regular(at + 1, len(self._starts)), shape.looks_like_row)

    def _closes_at_end(self, place: int) -> bool:
        """Whether a line is a cell's end and nothing else."""
        text = self._text(place).removesuffix("\r")
        quote = self.shape.dialect.quote or ""
        return self.lines.is_regular[place] and text.endswith(quote) and text.count(quote) == 1
