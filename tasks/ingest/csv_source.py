"""A CSV source opened: its head to find out how it is written, then its blocks, read in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from typing import NamedTuple, TypeVar

import polars as pl

from tasks.ingest.csv_blocks import PIECE_BYTES, Block, cut_blocks, skip_lines
from tasks.ingest.csv_origin import Origin
from tasks.ingest.csv_plan import Plan
from tasks.ingest.csv_read import ReadBlock, read_blocks
from tasks.ingest.csv_signs import ReducedStream, Signs, SignTakenError
from tasks.ingest.encoding import Encoding, detect_encoding, given_encoding
from tasks.ingest.faults import KeysCameLateError
from tasks.ingest.options import ReadOptions
from tasks.ingest.quoted_lines import bare
from tasks.ingest.utf8_stream import (
    MARK_BYTES,
    EncodingMistakenError,
    Utf8Stream,
    fallback_finding,
    lost_signs_finding,
    utf8_stream,
    without_marks,
)
from tasks.ingest.within_lines import plan_of_lines, within
from tasks.models import Dialect, Finding, SourceRef
from tasks.one_ahead import one_ahead
from tasks.sources import MIXED, SameLineEnds, open_source

SAMPLE_BYTES = 1 << 20

Result = TypeVar("Result")


class Hints(NamedTuple):
    """What an earlier attempt to read a file has taught."""

    encoding: Encoding | None = None
    taken_signs: bytes = b""
    keys: tuple[str, ...] = ()  # of its objects


def until_understood(read: Callable[[Hints], Result]) -> Result:
    """Read a file, and once more with what that has taught each time it turns out to have been misunderstood."""
    hints = Hints()
    while True:
        try:
            return read(hints)
        except EncodingMistakenError as mistaken:
            hints = hints._replace(encoding=mistaken.encoding)
        except KeysCameLateError as late:
            hints = hints._replace(keys=late.keys)
        except SignTakenError as mistaken:
            hints = hints._replace(taken_signs=hints.taken_signs + mistaken.taken)


class Head(NamedTuple):
    """The beginning of a text file."""

    text: str  # whole lines
    encoding: Encoding
    is_whole_file: bool
    data: bytes = b""  # as it is in the file

    def within(self, dialect: Dialect) -> Head:
        """What is to be read of it: where lines are in quotes as a whole, what is in these."""
        return self._replace(text=bare(self.text)) if dialect.has_quoted_lines else self


def read_head(source: SourceRef, options: ReadOptions, hints: Hints) -> Head:
    """Read the first megabyte of a text file."""
    with closing(open_source(source)) as stream:
        data = stream.read(SAMPLE_BYTES)
    if options.encoding is not None:
        encoding = given_encoding(options.encoding, data)
    else:
        encoding = hints.encoding or detect_encoding(data)
    is_whole_file = len(data) < SAMPLE_BYTES
    text = utf8_stream(BytesIO(data), encoding._replace(is_settled=True)).readall().decode(errors="replace")
    text = without_marks(text)
    if not is_whole_file:
        cut = text.rfind("\n") if "\n" in text else text.rfind("\r")
        text = text[: cut + 1] or text
    return Head(text, encoding, is_whole_file, data)


class CsvSource:
    """A CSV file of which all is known that must be known to read it."""

    def __init__(self, source: SourceRef, encoding: Encoding, signs: Signs, plan: Plan, first_line: int) -> None:
        """Prepare to read.

        Args:
            source: the file.
            encoding: of its text.
            signs: its dialect in single bytes.
            plan: what its columns become.
            first_line: of its records, from 1.
        """
        self._source = source
        self._encoding = encoding
        self._signs = signs
        self._plan = plan
        self._first_line = first_line
        self._origin = Origin(encoding, signs)
        self._text: Utf8Stream | None = None
        self._is_cut_off = False

    def read(self) -> Iterator[ReadBlock]:
        """Read the file block by block, in order.

        Raises:
            EncodingMistakenError: the file goes on in another encoding than it begins with.
            SignTakenError: a stand-in for a sign occurs in the file.
            FileError, SourceError: it cannot be read to its end.
        """
        shape = self._plan.shape
        is_quoted = self._signs.dialect.has_quoted_lines
        with closing(utf8_stream(open_source(self._source), self._encoding)) as self._text:
            text = SameLineEnds(self._text) if self._signs.dialect.line_end == MIXED else self._text
            pieces = ReducedStream(text, self._signs).pieces(PIECE_BYTES)
            skipped, chunks = skip_lines(pieces, self._first_line - 1, shape.line_end)
            offset = self._encoding.bom_bytes + self._origin.length(skipped)
            blocks = cut_blocks(
                chunks, line_end=shape.line_end, quote=shape.quote, line=self._first_line, offset=offset
            )
            blocks = one_ahead(map(self._marked, self._origin.placed(blocks)))
            reads = read_blocks(blocks, plan_of_lines(self._plan) if is_quoted else self._plan)
            yield from (within(read, self._plan) for read in reads) if is_quoted else reads

    def _marked(self, block: Block) -> Block:
        if self._text is None or not self._text.may_have_marks:
            return block
        has_marks = block.data.startswith(MARK_BYTES) or bytes([block.line_end]) + MARK_BYTES in block.data
        return replace(block, has_marks=has_marks)

    def dead(self, read: ReadBlock) -> pl.DataFrame:
        """What was no record (`letters.FOUND`), with the bytes and offsets of the file."""
        self._is_cut_off = self._is_cut_off or _ends_within_record(read, self._plan.shape.line_end)
        return self._origin.restored_columns(read.dead, read.block)

    def located(self, read: ReadBlock, records: pl.DataFrame) -> pl.DataFrame:
        """Where some records lie in the file, and their bytes (`letters.FOUND`)."""
        return self._origin.restored_columns(read.raw(records), read.block)

    def findings(self) -> list[Finding]:
        """What is worth saying of its text; complete once it is read."""
        lost = lost_signs_finding(self._text) if self._text is not None else None
        dialect = self._signs.dialect
        found = [fallback_finding(self._encoding), lost, _line_ends_finding(dialect), _quotes_finding(dialect)]
        if self._is_cut_off:
            found.append(Finding(code="cut_off", message="it ends within a record: it may have been cut off"))
        return [finding for finding in found if finding is not None]


def _ends_within_record(read: ReadBlock, line_end: int) -> bool:
    """Whether a block, and with it the file, ends with a line that has no end and is only part of a record."""
    if not read.dead.height or read.tail or read.block.data[-1] == line_end:
        return False
    last = read.dead.row(-1, named=True)
    is_part = last["code"] in ("too_few_fields", "bad_quote")
    return is_part and last["last_line"] == read.block.line + read.block.lines - 1


def _quotes_finding(dialect: Dialect) -> Finding | None:
    if not dialect.has_quoted_lines:
        return None
    return Finding(code="quoted_lines", message="each line is in quotes as a whole: what is within them was read")


def _line_ends_finding(dialect: Dialect) -> Finding | None:
    if dialect.line_end != MIXED:
        return None
    return Finding(
        code="mixed_line_ends", message="its lines end in different ways; a lone carriage return ends one too"
    )
