"""A file of JSON, NDJSON or Parquet read without a contract: every column as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_source import Hints
from tasks.ingest.encoding import Encoding, detect_encoding, given_encoding
from tasks.ingest.letters import Letter
from tasks.ingest.options import ReadOptions
from tasks.ingest.pin_doubts import encoding_doubt
from tasks.ingest.record_reader import RecordReader
from tasks.ingest.retype import as_text
from tasks.models import Dialect, Finding, SourceRef
from tasks.sources import FileFormat


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
        self._form = form
        self.encoding: Encoding | None = None
        doubt = None
        if form != "parquet":
            given = None if options.encoding is None else given_encoding(options.encoding, head)
            self.encoding = given or hints.encoding or detect_encoding(head)
            doubt = encoding_doubt(options, head)
        self._doubts = [one for one in (doubt, _not_meant(options, form)) if one is not None]
        self._records = RecordReader(source, form, self.encoding)
        self.header: list[str] = []
        self.columns: list[str] = []
        self.own_types: list[str] = []

    def blocks(self) -> Iterator[RecordTextBlock]:
        """The records, in order.

        Raises:
            FileError, SourceError: they cannot be read.
            EncodingMistakenError: the file goes on in another encoding than it begins with.
        """
        for block in self._records.blocks():
            names = [name for name in block.records.columns if name not in (LINE, SPAN)]
            if names:
                self.header, self.columns = names, [f"c{place}" for place in range(len(names))]
                self.own_types = [str(block.records.schema[name]) for name in names if self._form == "parquet"]
            texts = zip(names, self.columns[: len(names)], strict=True)
            rows = pl.DataFrame([as_text(block.records.get_column(name)).alias(column) for name, column in texts])
            yield RecordTextBlock(rows, [], block.dead, block.blank)

    def findings(self) -> list[Finding]:
        """What is worth saying of it; complete once it is read."""
        return [*self._doubts, *self._records.findings()]


def _not_meant(options: ReadOptions, form: str) -> Finding | None:
    """Options that mean nothing in a format."""
    kept = {"encoding"} if form != "parquet" else set()
    given = [name for name, value in options._asdict().items() if value is not None and name not in kept]
    if not given:
        return None
    listed = ", ".join(name.replace("_", "-") for name in given)
    return Finding(code="option_ignored", message=f"given, and without a meaning in {form}: {listed}")
