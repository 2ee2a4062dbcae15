"""A CSV file as landed blocks: understood by the contract, read, cast."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE
from tasks.ingest.cast import cast_records
from tasks.ingest.csv_layout import find_layout
from tasks.ingest.csv_plan import Plan
from tasks.ingest.csv_read import ReadBlock
from tasks.ingest.csv_shape import Shape
from tasks.ingest.csv_signs import single_signs
from tasks.ingest.csv_source import CsvSource, Hints, read_head
from tasks.ingest.letters import cast_letters, parse_letters
from tasks.ingest.options import ReadOptions
from tasks.ingest.row_test import row_test
from tasks.ingest.sink import LandedBlock
from tasks.landed import landed_schema
from tasks.models import Finding, SourceRef


class CsvLanding:
    """A CSV file on its way to the contract's columns.

    Attributes:
        encoding, layout: how it is written.
    """

    def __init__(self, source: SourceRef, contract: Contract, options: ReadOptions, hints: Hints) -> None:
        """Find out how a CSV file is written, from its first megabyte.

        Args:
            source: the file.
            contract: whose table is looked for in it.
            options: what is known of it already.
            hints: from an earlier attempt.

        Raises:
            FileError: it cannot be landed.
            SourceError: it cannot be read.
        """
        head = read_head(source, options, hints)
        self.encoding = head.encoding
        self.layout = find_layout(head.text, contract, options)
        match = self.layout.match
        signs = single_signs(self.layout.dialect, head.text.encode(), hints.taken_signs)
        shape = Shape(signs.dialect, self.layout.width, row_test(match.columns, contract))
        watched = tuple(one.name for one in match.watched)
        plan = Plan(shape, match.columns, match.contract, signs.stand_ins, watched, bool(match.condemned))
        self._csv = CsvSource(source, head.encoding, signs, plan, self.layout.first_line)

    def blocks(self) -> Iterator[LandedBlock]:
        """Read and cast the records, block by block, in order; raises what `CsvSource.read` does."""
        return self._csv.read(self._land)

    @property
    def schema(self) -> pl.Schema:
        """Of the rows."""
        return landed_schema(self.layout.match.contract)

    def findings(self) -> list[Finding]:
        """What is worth saying of it; complete once it is read."""
        return [*self._csv.findings(), *self.layout.match.findings]

    def _land(self, read: ReadBlock) -> LandedBlock:
        dead = parse_letters(self._csv.dead(read))
        rows, texts = read.records
        if not texts.height:
            return LandedBlock(rows, dead, read.blank)
        texts = texts.sort(LINE)
        match = self.layout.match
        done = cast_records(texts, match.contract, match.watched, match.condemned)
        if done.rows.height:
            rows = pl.concat([rows, done.rows]).sort(LINE)
        if done.failed.height:
            found = self._csv.located(read, texts[done.failed["row"]])
            dead = pl.concat([dead, cast_letters(found, done.failed["reasons"])]).sort("line")
        return LandedBlock(rows, dead, read.blank, done.blanks_stripped, done.noted)
