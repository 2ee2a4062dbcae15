"""A JSON, NDJSON or Parquet source as landed blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import polars as pl

from expectations.contract import Contract
from tasks.ingest.encoding import Encoding
from tasks.ingest.json_records import JsonArrayReader
from tasks.ingest.json_rows import JsonRows
from tasks.ingest.ndjson_records import read_ndjson
from tasks.ingest.parquet_records import read_parquet
from tasks.ingest.record_land import RecordLanding
from tasks.ingest.sink import LandedBlock
from tasks.ingest.utf8_stream import Utf8Stream, fallback_finding, lost_signs_finding, utf8_stream
from tasks.models import Finding, SourceRef
from tasks.sources import FileFormat, open_as_path, open_source


class RecordSource:
    """One file of records that know their columns.

    Attributes:
        encoding: of its text; None for Parquet, which has none.
    """

    def __init__(
        self, source: SourceRef, form: FileFormat, contract: Contract, encoding: Encoding, keys: tuple[str, ...] = ()
    ) -> None:
        self._source = source
        self._form = form
        self._landing = RecordLanding(contract, is_ordered=form == "parquet", keys=keys)
        self._late: list[Finding | None] = []
        self.encoding = None if form == "parquet" else encoding

    def blocks(self) -> Iterator[LandedBlock]:
        """Read, match and cast the records, block by block.

        Raises:
            FileError: it cannot be landed.
            KeysCameLateError: records were refused for a column that came later.
            EncodingMistakenError: the file goes on in another encoding than it begins with.
        """
        if self.encoding is None:
            with open_as_path(self._source) as path:
                yield from self._landing.blocks(read_parquet(path, self._source.max_unpacked_bytes))
            return
        rows, encoding = JsonRows(), self.encoding

        def opened() -> Utf8Stream:
            return utf8_stream(open_source(self._source), encoding)

        with closing(opened()) as text:
            if self._form == "ndjson":
                yield from self._landing.blocks(read_ndjson(text, rows, self.encoding))
            else:
                array = JsonArrayReader(text, rows, self.encoding, opened)
                yield from self._landing.blocks(array.blocks())
                self._late += array.findings()
            self._late += [*rows.findings(), lost_signs_finding(text), fallback_finding(self.encoding)]

    def header(self) -> tuple[str, ...]:
        """The columns; complete once it is read."""
        return self._landing.header

    def schema(self) -> pl.Schema:
        """Of the landed rows; complete once it is read."""
        return self._landing.schema

    def findings(self) -> list[Finding]:
        """What is worth saying of it; complete once it is read."""
        return [*self._landing.findings(), *(finding for finding in self._late if finding is not None)]
