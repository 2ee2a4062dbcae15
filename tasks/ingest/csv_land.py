"""A CSV source as landed blocks: opened, understood, read, cast."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from typing import BinaryIO, NamedTuple

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.cast import cast_records
from tasks.ingest.csv_blocks import Block, cut_blocks, skip_lines
from tasks.ingest.csv_layout import Layout, find_layout
from tasks.ingest.csv_read import BlockReader, ReadBlock, read_in_order
from tasks.ingest.csv_shape import Shape
from tasks.ingest.encoding import Encoding, detect_encoding
from tasks.ingest.header import HeaderMatch, row_test
from tasks.ingest.letters import cast_letters, parse_letters
from tasks.ingest.sink import LandedBlock
from tasks.models import SourceRef
from tasks.sources import open_source

SAMPLE_BYTES = 1 << 20
_PIECE_BYTES = 4 << 20


class CsvSource(NamedTuple):
    """A CSV file that is understood, and not yet read."""

    source: SourceRef
    encoding: Encoding
    layout: Layout
    shape: Shape


def understand(source: SourceRef, contract: Contract) -> CsvSource:
    """Find out how a CSV file is written, from its first megabyte.

    Raises:
        FileError: it cannot be landed.
        SourceError: it cannot be read.
    """
    with closing(open_source(source)) as stream:
        sample = stream.read(SAMPLE_BYTES)
    encoding = detect_encoding(sample)
    layout = find_layout(_whole_lines(sample, encoding), contract)
    return CsvSource(source, encoding, layout, Shape(layout.dialect, layout.width, row_test(layout.match, contract)))


def landed_blocks(csv: CsvSource, contract: Contract) -> Iterator[LandedBlock]:
    """Read and cast a file's records, block by block, in order."""
    shape = csv.shape
    reader = BlockReader(shape)

    def work(block: Block) -> tuple[LandedBlock, int]:
        read = reader.read(block)
        return _cast(read, csv, contract), read.tail

    with closing(open_source(csv.source)) as stream:
        chunks = utf8_blocks(stream, csv.encoding)
        skipped, chunks = skip_lines(chunks, csv.layout.first_line - 1, shape.line_end)
        blocks = cut_blocks(
            chunks,
            line_end=shape.line_end,
            quote=shape.quote,
            line=csv.layout.first_line,
            offset=skipped + csv.encoding.bom_bytes,
        )
        yield from read_in_order(blocks, shape.line_end, work)


def utf8_blocks(stream: BinaryIO, encoding: Encoding) -> Iterator[bytes]:
    """The stream in UTF-8, without its byte order mark; bytes that are none in its encoding stay invalid UTF-8."""
    stream.read(encoding.bom_bytes)
    decode = codecs.getincrementaldecoder(encoding.name)("surrogateescape").decode
    while piece := stream.read(_PIECE_BYTES):
        yield piece if encoding.is_utf8 else decode(piece).encode(errors="surrogatepass")


def _whole_lines(sample: bytes, encoding: Encoding) -> str:
    text = b"".join(utf8_blocks(BytesIO(sample), encoding)).decode(errors="replace")
    if len(sample) < SAMPLE_BYTES:
        return text
    cut = text.rfind("\n") if "\n" in text else text.rfind("\r")
    return text[: cut + 1] or text


def _cast(read: ReadBlock, csv: CsvSource, contract: Contract) -> LandedBlock:
    records = _by_contract(read.records, csv.layout.match, contract)
    done = cast_records(records, contract)
    dead = parse_letters(read.dead)
    if done.failed.height:
        found = read.raw(records[done.failed["row"]], csv.shape.line_end)
        dead = pl.concat([dead, cast_letters(found, done.failed["reasons"])]).sort("line")
    return LandedBlock(done.rows, dead, read.blank, done.blanks_stripped)


def _by_contract(records: pl.DataFrame, match: HeaderMatch, contract: Contract) -> pl.DataFrame:
    """The columns by the contract's names and order; those the file lacks are null."""
    place = {name: str(at) for at, name in enumerate(match.columns) if name is not None}
    columns = [
        pl.col(place[name]).alias(name) if name in place else pl.lit(None, pl.String).alias(name)
        for name in contract.columns
    ]
    if "" not in contract.null_values:
        named = zip(contract.columns, columns, strict=True)
        columns = [column.fill_null("") if name in place else column for name, column in named]
    return records.select(*columns, LINE, SPAN)
