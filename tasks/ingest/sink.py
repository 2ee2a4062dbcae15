"""Landed blocks written as they come: rows to one Parquet file, dead letters to another, both in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow.parquet as pq
from polars.io.plugins import register_io_source

from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.models import FileRows, SourceRef

_SPILL_BYTES = 8 << 20


class LandedBlock(NamedTuple):
    """A stretch of a file after parse and cast: read = rows.height + dead["records"].sum() + blank."""

    rows: pl.DataFrame  # typed by the contract, then `__line` and `__span`
    dead: pl.DataFrame  # `letters.READ_SCHEMA`
    blank: int
    blanks_stripped: int = 0


@dataclass
class Tally:
    """What a file's blocks add up to."""

    landed: int = 0
    dead: int = 0
    blank: int = 0
    blanks_stripped: int = 0
    codes: dict[str, int] = field(default_factory=dict)

    def add(self, block: LandedBlock) -> None:
        """Count one more block."""
        self.landed += block.rows.height
        self.dead += int(block.dead["records"].sum())
        self.blank += block.blank
        self.blanks_stripped += block.blanks_stripped

    @property
    def rows(self) -> FileRows:
        """The balance so far."""
        read = self.landed + self.dead + self.blank
        return FileRows(read=read, landed=self.landed, dead=self.dead, blank=self.blank)


def write_blocks(
    blocks: Iterator[LandedBlock],
    schema: pl.Schema,
    source: SourceRef,
    *,
    rows_path: Path,
    dead_path: Path,
    on_progress: Callable[[int], None] | None = None,
) -> Tally:
    """Write a file's blocks to two Parquet files, the rows in the order of the file.

    Args:
        blocks: made while they are written; what they raise comes out as it is.
        schema: of the rows.
        source: whose name the dead letters carry.
        rows_path: written whole, even without rows.
        dead_path: written only if there are dead letters.
        on_progress: called after each block with the records read so far.
    """
    tally = Tally()
    letters = LetterWriter(dead_path, source)
    raised: list[BaseException] = []

    def frames(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        del with_columns, predicate, n_rows, batch_size  # nothing is pushed down: the whole source is written
        try:
            for block in blocks:
                tally.add(block)
                letters.add(block.dead)
                if on_progress is not None:
                    on_progress(tally.rows.read)
                yield block.rows
        except BaseException as error:
            raised.append(error)
            raise

    try:
        register_io_source(frames, schema=schema).sink_parquet(rows_path, compression="zstd", compression_level=1)
    except pl.exceptions.PolarsError:
        if raised:  # Polars wraps what the reader raised; the caller wants the thing itself
            raise raised[0] from None
        raise
    finally:
        letters.close()
    if raised:
        raise raised[0]
    return tally


class LetterWriter:
    """Dead letters gathered and written in pieces, so that a flood of them stays out of memory."""

    def __init__(self, path: Path, source: SourceRef) -> None:
        self._path = path
        self._source = source
        self._held: list[pl.DataFrame] = []
        self._held_bytes = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, dead: pl.DataFrame) -> None:
        """Keep some dead letters (`letters.READ_SCHEMA`)."""
        if dead.height:
            self._held.append(dead)
            self._held_bytes += int(dead.estimated_size())
            if self._held_bytes > _SPILL_BYTES:
                self._spill()

    def close(self) -> None:
        """Write what is left."""
        if self._held:
            self._spill()
        if self._writer is not None:
            self._writer.close()

    def _spill(self) -> None:
        named = pl.concat(self._held).with_columns(
            pl.lit(self._source.uri).alias("file"), pl.lit(self._source.digest).alias("file_digest")
        )
        table = named.select(LETTER_SCHEMA.names()).cast(LETTER_SCHEMA).to_arrow()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd", compression_level=1)
        self._writer.write_table(table)
        self._held, self._held_bytes = [], 0
