"""A CSV file as landed blocks: understood by the contract, read, cast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE
from tasks.ingest.cast import cast_records
from tasks.ingest.csv_layout import dialect_of, find_layout
from tasks.ingest.csv_plan import Plan
from tasks.ingest.csv_read import ReadBlock, together
from tasks.ingest.csv_shape import Shape
from tasks.ingest.csv_signs import single_signs
from tasks.ingest.csv_source import CsvSource, Hints, read_head
from tasks.ingest.faults import FileError
from tasks.ingest.header import nothing_matched
from tasks.ingest.letters import NO_LETTERS, cast_letters, parse_letters
from tasks.ingest.options import ReadOptions
from tasks.ingest.pin_doubts import given_words, pin_doubts
from tasks.ingest.repeated_header import header_finding, header_letters, part_headers
from tasks.ingest.row_test import row_test
from tasks.ingest.sink import LandedBlock
from tasks.ingest.table_layout import another_table
from tasks.ingest.text_lines import split_lines
from tasks.landed import landed_schema
from tasks.models import Finding, SourceRef
from tasks.one_ahead import one_ahead

_LOOKED_AT = 1000  # lines, for another table


class CsvLanding:
    """A CSV file on its way to the contract's columns.

    Attributes:
        encoding, dialect, header: how it is written; complete once the first block is read.
    """

    def __init__(self, source: SourceRef, contract: Contract, options: ReadOptions, hints: Hints) -> None:
        """Find out how a CSV file is written, from its first megabyte.

        Args:
            source: the file.
            contract: whose table is looked for in it.
            options: what is known of it already.
            hints: from an earlier attempt.

        Raises:
            SourceError: it cannot be read.
        """
        self._source, self._contract, self._options, self._hints = source, contract, options, hints
        head = read_head(source, options, hints)
        self.encoding = head.encoding
        self.dialect = dialect_of(head.text, contract, options)
        self._head = head = head.within(self.dialect)
        self.header: tuple[str, ...] = ()
        self._doubts = pin_doubts(options, head.data, head.text, self.dialect)
        self._match = nothing_matched(contract)
        self._csv: CsvSource | None = None
        self._next_table: int | None = None  # the line where another table begins
        self._names: dict[str, str] = {}  # of the columns that are read, as the header has them
        self._repeated_headers = 0

    def blocks(self) -> Iterator[LandedBlock]:
        """Read and cast the records, block by block, in order.

        Raises:
            FileError: the contract's table is not in it, or it cannot be landed; and what `CsvSource.read` raises.
        """
        self._csv = self._understood()
        csv = self._csv
        pieces = (piece for read in csv.read() for piece in read.pieces())
        yield from one_ahead(block for some in together(pieces) for block in self._landed(some, csv))

    def _understood(self) -> CsvSource:
        text = self._head.text
        if not text.strip():
            raise FileError("empty_file", "the file is empty")
        layout = find_layout(text, self.dialect, self._contract, self._options)
        self.dialect, self.header = layout.dialect, layout.header
        try:
            self._match = match = layout.match(self._contract)
        except FileError as fault:
            raise FileError(fault.code, self._with_pins(fault.message)) from None
        below = split_lines(text, self.dialect.line_end)[layout.first_line - 1 :][:_LOOKED_AT]
        another = another_table(below, self.dialect, self.header)
        self._next_table = None if another is None else layout.first_line + another
        signs = single_signs(layout.dialect, text.encode(), self._hints.taken_signs)
        test = row_test(match.columns, self._contract)
        shape = Shape(signs.dialect, layout.width, test)
        watched = tuple(one.name for one in match.watched)
        plan = Plan(shape, match.columns, match.contract, signs.stand_ins, watched, bool(match.condemned))
        self._names = {name: cell for name, cell in zip(match.columns, self.header, strict=False) if name is not None}
        if len(self._names) > 1 and (test is None or test(list(self.header))):
            plan = replace(plan, header_cell=list(self._names.items())[-1])
        return CsvSource(self._source, self.encoding, signs, plan, layout.first_line)

    def _with_pins(self, message: str) -> str:
        given = given_words(self._options)
        return "; ".join([message, *([f"given: {given}"] if given else []), *(one.message for one in self._doubts)])

    @property
    def schema(self) -> pl.Schema:
        """Of the rows."""
        return landed_schema(self._match.contract)

    def findings(self) -> list[Finding]:
        """What is worth saying of it; complete once it is read."""
        of_text = self._csv.findings() if self._csv is not None else []
        repeated = header_finding(self._repeated_headers)
        return [*self._doubts, *of_text, *self._tables(), *([repeated] if repeated else []), *self._match.findings]

    def _tables(self) -> list[Finding]:
        if self._next_table is None:
            return []
        message = f"another table begins in line {self._next_table}; what of it does not fit the first one is rejected"
        return [Finding(code="several_tables", message=message)]

    def _landed(self, reads: list[ReadBlock], csv: CsvSource) -> Iterator[LandedBlock]:
        """Some blocks with their texts cast, all at once, and handed on one by one; none is kept any longer."""
        done = self._cast(reads, csv)
        rows = [read.records.typed for read in reads]
        if done.rows.height:
            rows = [pl.concat(both) for both in zip(rows, _by_block(reads, done.rows), strict=True)]
        reads.clear()
        yield done._replace(rows=_in_order(rows.pop(0)))
        while rows:
            yield LandedBlock(_in_order(rows.pop(0)), NO_LETTERS, 0)

    def _cast(self, reads: Sequence[ReadBlock], csv: CsvSource) -> LandedBlock:
        """All of some blocks but the rows that were typed as they were read."""
        dead = parse_letters(pl.concat(csv.dead(read) for read in reads))
        blank = sum(read.blank for read in reads)
        texts = pl.concat(read.records.texts for read in reads)
        if not texts.height:
            return LandedBlock(pl.DataFrame(schema=self.schema), dead, blank)
        headers, texts = part_headers(_in_order(texts), self._names)
        self._repeated_headers += headers.height
        done = cast_records(texts, self._match.contract, self._match.watched, self._match.condemned)
        letters = [header_letters(_located(reads, headers, csv))] if headers.height else []
        if done.failed.height:
            failed = _located(reads, texts[done.failed["row"]], csv)
            letters.append(cast_letters(failed, done.failed["reasons"]))
        dead = pl.concat([dead, *letters]).sort("line") if letters else dead
        return LandedBlock(done.rows, dead, blank, done.blanks_stripped, done.noted, done.miscast)


def _by_block(reads: Sequence[ReadBlock], records: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The records of each block; they are in the order of the file."""
    lines = records.get_column(LINE)
    cuts = [0, *(lines.search_sorted(read.block.line) for read in reads[1:]), records.height]
    return (records[first:after] for first, after in pairwise(cuts))


def _located(reads: Sequence[ReadBlock], records: pl.DataFrame, csv: CsvSource) -> pl.DataFrame:
    """Where some records of the blocks lie in the file, and their bytes (`letters.FOUND`)."""
    parts = zip(reads, _by_block(reads, records), strict=True)
    return pl.concat(csv.located(read, part) for read, part in parts)


def _in_order(records: pl.DataFrame) -> pl.DataFrame:
    """Records in the order of the file, in which most of them are already."""
    return records if records.get_column(LINE).is_sorted() else records.rechunk().sort(LINE)
