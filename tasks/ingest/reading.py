"""A file read from end to end without a contract, for people to look at: what it is, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import polars as pl

from expectations.contract import Column
from tasks.ingest.csv_source import Hints, until_understood
from tasks.ingest.encoding import Encoding
from tasks.ingest.faults import FileError
from tasks.ingest.inferred_types import SAMPLE_ROWS, InferredType, inferred_type, not_looked_at
from tasks.ingest.letters import Letter
from tasks.ingest.options import ReadOptions
from tasks.ingest.record_table import RecordTable
from tasks.ingest.spread_rows import SpreadRows
from tasks.ingest.table_file import unique_names, write_growing, write_table
from tasks.ingest.text_table import TextTable
from tasks.models import Dialect, Finding, SourceRef
from tasks.sources import file_format, open_source, packing

_TYPED_COLUMNS = 1000  # the others of a very wide table are only counted: each takes two milliseconds
_SHOWN_ROWS, _SHOWN_BROKEN = 100, 20
_HEAD_BYTES = 64 << 10


class ColumnReading(NamedTuple):
    """One column of a table, as some rows from all over the file show it."""

    name: str
    type: str
    filled_share: float
    fits: Column  # of a contract; of a type that takes most values, or text


@dataclass
class FileReading:
    """What was read of a file."""

    file_format: str
    packing: str  # empty where it is not packed
    encoding: Encoding | None = None
    dialect: Dialect | None = None
    header: list[str] = field(default_factory=list)
    columns: list[ColumnReading] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    first_rows: list[tuple[str | None, ...]] = field(default_factory=list)
    first_line: int = 1  # of a text, that may hold a row
    rows: int = 0
    blank: int = 0
    repaired: Counter[str] = field(default_factory=Counter)  # by what was wrong with them
    dead: Counter[str] = field(default_factory=Counter)
    broken: list[Letter] = field(default_factory=list)  # the first of both


class Block(Protocol):
    """A stretch of a table."""

    @property
    def rows(self) -> pl.DataFrame:
        """Columns of text, those of the table first."""

    @property
    def repaired(self) -> list[Letter]:
        """Records among them that were broken."""

    @property
    def dead(self) -> list[Letter]:
        """Records that could not be read."""

    @property
    def blank(self) -> int:
        """Lines without anything."""


class Table(Protocol):
    """A table that was opened; what it knows is complete once its blocks are read."""

    @property
    def encoding(self) -> Encoding | None:
        """Of a text."""

    @property
    def dialect(self) -> Dialect | None:
        """Of a text of fields."""

    @property
    def header(self) -> list[str]:
        """The names of the columns; none where there is no header."""

    @property
    def columns(self) -> list[str]:
        """What the blocks call them."""

    def blocks(self) -> Iterator[Block]:
        """Its records, in order; a later block may have more columns."""

    def findings(self) -> list[Finding]:
        """What is worth saying of it."""


def read_file(
    source: SourceRef, options: ReadOptions, *, to: Path | None = None, is_repairing: bool = True
) -> FileReading:
    """Read a file.

    Args:
        source: the file.
        options: what is known of it already.
        to: where to write the table as it was read.
        is_repairing: whether broken records of a text table are read as they fit best, or left out.

    Raises:
        FileError, SourceError: it cannot be read.
        UsageError: an option is wrong, or `to` cannot be written.
    """
    with closing(open_source(source)) as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise FileError("empty_file", "the file is empty")
    form = file_format(source, head)

    def read(hints: Hints) -> FileReading:
        table: Table = (
            TextTable(source, options, hints, is_repairing=is_repairing)
            if form == "csv"
            else RecordTable(source, form, options, head, hints)
        )
        return _read(table, FileReading(form, packing(source)), to)

    return until_understood(read)


def _read(table: Table, reading: FileReading, to: Path | None) -> FileReading:
    sample = SpreadRows(SAMPLE_ROWS)
    frames = _counted(table, reading, sample)
    if to is None:
        for _ in frames:
            pass
    elif table.columns:
        write_table(to, table.header, table.columns, frames)
    else:
        write_growing(to, lambda: table.header, frames)
    reading.encoding, reading.dialect, reading.header = table.encoding, table.dialect, table.header
    reading.first_line = table.first_line if isinstance(table, TextTable) else reading.first_line
    reading.findings = table.findings()
    reading.columns = _columns(table, sample.rows())
    width = len(table.columns)
    reading.first_rows = [(*row, *[None] * width)[:width] for row in reading.first_rows]
    return reading


def _counted(table: Table, reading: FileReading, sample: SpreadRows) -> Iterator[pl.DataFrame]:
    for block in table.blocks():
        rows = block.rows.select(table.columns)
        reading.rows += rows.height
        reading.blank += block.blank
        reading.repaired.update(letter.code for letter in block.repaired)
        reading.dead.update(letter.code for letter in block.dead)
        reading.first_rows += rows.head(_SHOWN_ROWS - len(reading.first_rows)).rows()
        broken = sorted([*block.repaired, *block.dead], key=lambda letter: letter.line)
        reading.broken += broken[: _SHOWN_BROKEN - len(reading.broken)]
        sample.add(rows)
        yield rows


def _columns(table: Table, sample: pl.DataFrame) -> list[ColumnReading]:
    every = pl.DataFrame(schema=dict.fromkeys(table.columns, pl.String))
    rows = pl.concat([every, sample], how="diagonal")
    names = unique_names(table.header, len(table.columns))
    types = [inferred_type(rows[column]) for column in table.columns[:_TYPED_COLUMNS]]
    types += [not_looked_at(rows[column]) for column in table.columns[_TYPED_COLUMNS:]]
    stored = (table.own_types if isinstance(table, RecordTable) else []) or [""] * len(names)
    parts = zip(names, types, stored, strict=True)
    return [ColumnReading(name, _said(kind, own), kind.filled_share, kind.column) for name, kind, own in parts]


def _said(kind: InferredType, own: str) -> str:
    share = "" if kind.fit_share == 1 else f" ({kind.fit_share:.1%})"
    return f"{kind.name}{share}, stored as {own}" if own else f"{kind.name}{share}"
