"""A CSV source as landed blocks: opened, understood, read, cast."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from io import BytesIO

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE
from tasks.ingest.cast import cast_records
from tasks.ingest.csv_blocks import BLOCK_BYTES, Block, cut_blocks, skip_lines
from tasks.ingest.csv_layout import find_layout
from tasks.ingest.csv_origin import Origin
from tasks.ingest.csv_plan import Plan
from tasks.ingest.csv_read import BlockReader, ReadBlock, read_in_order
from tasks.ingest.csv_shape import Shape
from tasks.ingest.encoding import Encoding, detect_encoding
from tasks.ingest.letters import cast_letters, parse_letters
from tasks.ingest.row_test import row_test
from tasks.ingest.sink import LandedBlock
from tasks.ingest.utf8_stream import Utf8Stream, fallback_finding, lost_signs_finding, utf8_stream
from tasks.models import Finding, SourceRef
from tasks.sources import open_source

SAMPLE_BYTES = 1 << 20


class CsvSource:
    """A CSV file that is understood, and not yet read.

    Attributes:
        encoding, layout: how it is written.
    """

    def __init__(self, source: SourceRef, contract: Contract, encoding: Encoding | None = None) -> None:
        """Find out how a CSV file is written, from its first megabyte.

        Args:
            source: the file.
            contract: whose table is looked for in it.
            encoding: where it is known already.

        Raises:
            FileError: it cannot be landed.
            SourceError: it cannot be read.
        """
        with closing(open_source(source)) as stream:
            head = stream.read(SAMPLE_BYTES)
        self.source = source
        self.contract = contract
        self.encoding = encoding or detect_encoding(head)
        self.layout = find_layout(_sample_text(head, self.encoding), contract)
        test = row_test(self.layout.match.columns, contract)
        shape = Shape(self.layout.dialect, self.layout.width, test)
        self.plan = Plan(shape, self.layout.match.columns, contract)
        self._text: Utf8Stream | None = None

    def blocks(self) -> Iterator[LandedBlock]:
        """Read and cast the records, block by block, in order.

        Raises:
            EncodingMistakenError: the file goes on in another encoding than it begins with.
        """
        shape = self.plan.shape
        reader = BlockReader(self.plan)
        origin = Origin(self.encoding)

        def work(block: Block) -> tuple[LandedBlock, int]:
            read = reader.read(block)
            return self._cast(read, origin), read.tail

        with closing(utf8_stream(open_source(self.source), self.encoding)) as self._text:
            skipped, chunks = skip_lines(_pieces(self._text), self.layout.first_line - 1, shape.line_end)
            offset = self.encoding.bom_bytes + origin.length(skipped)
            blocks = cut_blocks(
                chunks, line_end=shape.line_end, quote=shape.quote, line=self.layout.first_line, offset=offset
            )
            yield from read_in_order(origin.placed(blocks), shape.line_end, work)

    def findings(self) -> list[Finding]:
        """What is worth saying of it; complete once it is read."""
        late = lost_signs_finding(self._text) if self._text is not None else None
        found = [fallback_finding(self.encoding), *self.layout.match.findings, late]
        return [finding for finding in found if finding is not None]

    def _cast(self, read: ReadBlock, origin: Origin) -> LandedBlock:
        dead = parse_letters(origin.restored(read.dead, read.block))
        rows, texts = read.records
        if not texts.height:
            return LandedBlock(rows, dead, read.blank)
        texts = texts.sort(LINE)
        done = cast_records(texts, self.contract)
        if done.rows.height:
            rows = pl.concat([rows, done.rows]).sort(LINE)
        if done.failed.height:
            found = read.raw(texts[done.failed["row"]], self.plan.shape.line_end)
            letters = cast_letters(origin.restored(found, read.block), done.failed["reasons"])
            dead = pl.concat([dead, letters]).sort("line")
        return LandedBlock(rows, dead, read.blank, done.blanks_stripped)


def _pieces(text: Utf8Stream) -> Iterator[bytes]:
    while piece := text.read(BLOCK_BYTES):
        yield piece


def _sample_text(head: bytes, encoding: Encoding) -> str:
    """The head's whole lines."""
    settled = encoding._replace(is_settled=True)
    text = utf8_stream(BytesIO(head), settled).readall().decode(errors="replace")
    if len(head) < SAMPLE_BYTES:
        return text
    cut = text.rfind("\n") if "\n" in text else text.rfind("\r")
    return text[: cut + 1] or text
