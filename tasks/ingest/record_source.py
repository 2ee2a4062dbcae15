"""A JSON, NDJSON or Parquet source as landed blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import polars as pl

from expectations.contract import Contract
from tasks.ingest.encoding import Encoding
from tasks.ingest.record_land import RecordLanding
from tasks.ingest.record_reader import RecordReader
from tasks.ingest.sink import LandedBlock
from tasks.models import Finding, SourceRef
from tasks.sources import FileFormat


class RecordSource:
    """One file of records that know their columns.

    Attributes:
        encoding: of its text; None for Parquet, which has none.
    """

    def __init__(
        self, source: SourceRef, form: FileFormat, contract: Contract, encoding: Encoding, keys: tuple[str, ...] = ()
    ) -> None:
        self.encoding = None if form == "parquet" else encoding
        self._records = RecordReader(source, form, self.encoding)
        self._landing = RecordLanding(contract, is_ordered=form == "parquet", keys=keys)

    def blocks(self) -> Iterator[LandedBlock]:
        """Read, match and cast the records, block by block.

        Raises:
            FileError: it cannot be landed.
            KeysCameLateError: records were refused for a column that came later.
            EncodingMistakenError: the file goes on in another encoding than it begins with.
        """
        with closing(self._records.blocks()) as blocks:
            yield from self._landing.blocks(blocks)

    def header(self) -> tuple[str, ...]:
        """The columns; complete once it is read."""
        return self._landing.header

    def schema(self) -> pl.Schema:
        """Of the landed rows; complete once it is read."""
        return self._landing.schema

    def findings(self) -> list[Finding]:
        """What is worth saying of it; complete once it is read."""
        return [*self._landing.findings(), *self._records.findings()]
