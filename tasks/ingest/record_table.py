"""A file of JSON, NDJSON or Parquet read without a contract: every column as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.csv_source import Hints
from tasks.ingest.encoding import Encoding, detect_encoding, given_encoding
from tasks.ingest.json_records import JsonArrayReader
from tasks.ingest.json_rows import JsonRows
from tasks.ingest.letters import Letter
from tasks.ingest.ndjson_records import read_ndjson
from tasks.ingest.options import ReadOptions
from tasks.ingest.parquet_records import read_parquet
from tasks.ingest.pin_doubts import encoding_doubt
from tasks.ingest.retype import as_text
from tasks.ingest.utf8_stream import Utf8Stream, fallback_finding, lost_signs_finding, utf8_stream
from tasks.models import Dialect, Finding, SourceRef
from tasks.sources import FileFormat, open_as_path, open_source


class RecordTextBlock(NamedTuple):
    """A stretch of records."""

    rows: pl.DataFrame
    repaired: list[Letter]  # none: a broken object is not repaired
    dead: list[Letter]
    blank: int


class RecordTable:
    """The records of one file.

    Attributes:
        encoding: of its text; None for Parquet, which has none.
        header, columns: as far as they are known; complete once it is read.
        own_types: those that Parquet has; none of JSON, where a value is what it looks like.
    """

    dialect: Dialect | None = None

    def __init__(self, source: SourceRef, form: FileFormat, options: ReadOptions, head: bytes, hints: Hints) -> None:
        self._source, self._form, self._options = source, form, options
        self.encoding: Encoding | None = None
        doubt = None
        if form != "parquet":
            given = None if options.encoding is None else given_encoding(options.encoding, head)
            self.encoding = given or hints.encoding or detect_encoding(head)
            doubt = encoding_doubt(options, head)
        self._found = [doubt, _not_meant(options, form)]
        self.header: list[str] = []
        self.columns: list[str] = []
        self.own_types: list[str] = []

    def blocks(self) -> Iterator[RecordTextBlock]:
        """The records, in order.

        Raises:
            FileError, SourceError: they cannot be read.
            EncodingMistakenError: the file goes on in another encoding than it begins with.
        """
        for block in self._records():
            names = [name for name in block.records.columns if name not in (LINE, SPAN)]
            if names:
                self.header, self.columns = names, [f"c{place}" for place in range(len(names))]
                self.own_types = [str(block.records.schema[name]) for name in names if self._form == "parquet"]
            texts = zip(names, self.columns[: len(names)], strict=True)
            rows = pl.DataFrame([as_text(block.records.get_column(name)).alias(column) for name, column in texts])
            yield RecordTextBlock(rows, [], block.dead, block.blank)

    def _records(self) -> Iterator[RecordBlock]:
        if self.encoding is None:
            with open_as_path(self._source) as path:
                yield from read_parquet(path, self._source.max_unpacked_bytes)
            return
        rows, encoding = JsonRows(), self.encoding

        def opened() -> Utf8Stream:
            return utf8_stream(open_source(self._source), encoding)

        with closing(opened()) as text:
            if self._form == "ndjson":
                yield from read_ndjson(text, rows, self.encoding)
            else:
                array = JsonArrayReader(text, rows, self.encoding, opened)
                yield from array.blocks()
                self._found += array.findings()
            self._found += [*rows.findings(), lost_signs_finding(text), fallback_finding(self.encoding)]

    def findings(self) -> list[Finding]:
        """What is worth saying of it; complete once it is read."""
        return [finding for finding in self._found if finding is not None]


def _not_meant(options: ReadOptions, form: str) -> Finding | None:
    """Options that mean nothing in a format."""
    kept = {"encoding"} if form != "parquet" else set()
    given = [name for name, value in options._asdict().items() if value is not None and name not in kept]
    if not given:
        return None
    listed = ", ".join(name.replace("_", "-") for name in given)
    return Finding(code="option_ignored", message=f"given, and without a meaning in {form}: {listed}")
