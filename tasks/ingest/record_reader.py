"""The records of a JSON, NDJSON or Parquet file, whoever wants them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing

from tasks.ingest.blocks import RecordBlock
from tasks.ingest.encoding import Encoding
from tasks.ingest.json_records import JsonArrayReader
from tasks.ingest.json_rows import JsonRows
from tasks.ingest.ndjson_records import read_ndjson
from tasks.ingest.parquet_records import read_parquet
from tasks.ingest.utf8_stream import Utf8Stream, fallback_finding, lost_signs_finding, utf8_stream
from tasks.models import Finding, SourceRef
from tasks.sources import FileFormat, open_as_path, open_source


class RecordReader:
    """One file of records that know their columns."""

    def __init__(self, source: SourceRef, form: FileFormat, encoding: Encoding | None) -> None:
        """Prepare to read; `encoding` is that of its text, None for Parquet, which has none."""
        self._source, self._form, self._encoding = source, form, encoding
        self._found: list[Finding | None] = []

    def blocks(self) -> Generator[RecordBlock, None, None]:
        """The records, in order; to be closed by who may leave off.

        Raises:
            FileError, SourceError: they cannot be read.
            EncodingMistakenError: the file goes on in another encoding than it begins with.
        """
        if self._encoding is None:
            with open_as_path(self._source) as path:
                yield from read_parquet(path, self._source.max_unpacked_bytes)
        else:
            yield from self._of_text(self._encoding)

    def findings(self) -> list[Finding]:
        """What is worth saying of the file; complete once it is read."""
        return [finding for finding in self._found if finding is not None]

    def _of_text(self, encoding: Encoding) -> Iterator[RecordBlock]:
        def opened() -> Utf8Stream:
            return utf8_stream(open_source(self._source), encoding)

        rows = JsonRows()
        with closing(opened()) as text:
            if self._form == "ndjson":
                yield from read_ndjson(text, rows, encoding)
            else:
                array = JsonArrayReader(text, rows, encoding, opened)
                yield from array.blocks()
                self._found += array.findings()
            self._found += [*rows.findings(), lost_signs_finding(text), fallback_finding(encoding)]
