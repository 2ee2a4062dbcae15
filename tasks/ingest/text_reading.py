"""A text file read from end to end without a contract, for people to look at: what it is, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from tasks.ingest.column_profile import ColumnProfile
from tasks.ingest.csv_signs import SignTakenError
from tasks.ingest.csv_source import Hints
from tasks.ingest.faults import FileError
from tasks.ingest.letters import Letter
from tasks.ingest.options import ReadOptions
from tasks.ingest.table_file import unique_names, write_table
from tasks.ingest.text_table import TextTable
from tasks.ingest.utf8_stream import EncodingMistakenError
from tasks.models import Dialect, Finding, SourceRef
from tasks.sources import file_format, open_source

_SHOWN_ROWS, _SHOWN_BROKEN = 100, 20
_HEAD_BYTES = 64 << 10


@dataclass
class TableReading:
    """What was read of a file."""

    encoding: str
    encoding_confidence: float
    dialect: Dialect
    header: list[str]
    names: list[str]  # one a column, also where the header has none
    kinds: list[str]
    findings: list[Finding] = field(default_factory=list)
    first_rows: list[tuple[str, ...]] = field(default_factory=list)
    rows: int = 0
    blank: int = 0
    repaired: Counter[str] = field(default_factory=Counter)  # by what was wrong with them
    dead: Counter[str] = field(default_factory=Counter)
    broken: list[Letter] = field(default_factory=list)  # the first of both


def read_table(
    source: SourceRef, options: ReadOptions, *, to: Path | None = None, is_repairing: bool = True
) -> TableReading:
    """Read a text file's table.

    Args:
        source: the file.
        options: what is known of it already.
        to: where to write the table as it was read.
        is_repairing: whether broken records are read as they fit best, or left out.

    Raises:
        FileError, SourceError: it cannot be read.
        UsageError: an option is wrong, or `to` cannot be written.
    """
    with open_source(source) as stream:
        head = stream.read(_HEAD_BYTES)
    form = file_format(source, head)
    if form == "parquet":
        raise FileError("unsupported_format", "Parquet is no text; it says itself what is in it")
    hints = Hints()
    while True:
        try:
            return _read(TextTable(source, options, hints, is_repairing=is_repairing), to)
        except EncodingMistakenError as mistaken:
            hints = hints._replace(encoding=mistaken.encoding)
        except SignTakenError as mistaken:
            hints = hints._replace(taken_signs=hints.taken_signs + mistaken.taken)


def _read(table: TextTable, to: Path | None) -> TableReading:
    reading = TableReading(
        table.encoding.name,
        table.encoding.confidence,
        table.dialect,
        table.header,
        unique_names(table.header, len(table.columns)),
        [_kind(profile) for profile in table.profiles],
    )
    frames = _counted(table, reading)
    if to is None:
        for _ in frames:
            pass
    else:
        write_table(to, table.header, table.columns, frames)
    reading.findings = table.findings()
    return reading


def _counted(table: TextTable, reading: TableReading) -> Iterator[pl.DataFrame]:
    for block in table.blocks():
        reading.rows += block.rows.height
        reading.blank += block.blank
        reading.repaired.update(letter.code for letter in block.repaired)
        reading.dead.update(letter.code for letter in block.dead)
        missing = _SHOWN_ROWS - len(reading.first_rows)
        reading.first_rows += block.rows.select(table.columns).head(missing).rows()
        broken = sorted([*block.repaired, *block.dead], key=lambda letter: letter.line)
        reading.broken += broken[: _SHOWN_BROKEN - len(reading.broken)]
        yield block.rows


def _kind(profile: ColumnProfile) -> str:
    return f"{profile.kind} ({profile.filled_share:.0%} filled)"
