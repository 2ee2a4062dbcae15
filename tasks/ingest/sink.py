"""Landed blocks written as they come, in bounded memory: rows, dead letters and miscast rows, a Parquet file each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow.parquet as pq
from polars.io.plugins import register_io_source

from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.ingest.drift import Noted
from tasks.models import FileRows, SourceRef

_SPILL_BYTES = 8 << 20
_SPILL_ROWS = 20_000  # become Arrow at once, where each letter has the text of its reasons written out


class LandedBlock(NamedTuple):
    """A stretch of a file after parse and cast: read = rows.height + dead["records"].sum() + blank."""

    rows: pl.DataFrame  # typed by the contract, then `__line` and `__span`
    dead: pl.DataFrame  # `letters.READ_SCHEMA`
    blank: int
    blanks_stripped: int = 0
    noted: Noted = Noted()
    miscast: pl.DataFrame | None = None  # those of the dead that were read but do not cast, with what does


class LandedPaths(NamedTuple):
    """Where the parts of a landed file are written."""

    rows: Path
    dead: Path  # dead letters
    miscast: Path

    def remove(self) -> None:
        """Remove what was not moved elsewhere."""
        for path in self:
            path.unlink(missing_ok=True)


@dataclass
class Tally:
    """What a file's blocks add up to."""

    landed: int = 0
    dead: int = 0
    blank: int = 0
    blanks_stripped: int = 0
    noted: Noted = field(default_factory=Noted)

    def add(self, block: LandedBlock) -> None:
        """Count one more block."""
        self.landed += block.rows.height
        self.dead += int(block.dead["records"].sum())
        self.blank += block.blank
        self.blanks_stripped += block.blanks_stripped
        self.noted.update(block.noted)

    @property
    def rows(self) -> FileRows:
        """The balance so far."""
        read = self.landed + self.dead + self.blank
        return FileRows(read=read, landed=self.landed, dead=self.dead, blank=self.blank)


def write_blocks(
    blocks: Iterator[LandedBlock],
    schema: Callable[[Tally], pl.Schema],
    source: SourceRef,
    *,
    paths: LandedPaths,
    on_progress: Callable[[int], None] | None = None,
) -> Tally:
    """Write a file's blocks to Parquet files, the rows in the order of the file.

    Args:
        blocks: made while they are written; what they raise comes out as it is. Those of objects with more and more
            keys may have more and more columns: what a row lacks is null.
        schema: of the rows; asked when all are counted, as it may be known no sooner.
        source: whose name the dead letters carry.
        paths: that of the rows is written even without rows, the others only if there is something to write.
        on_progress: called after each block with the records read so far.
    """
    tally = Tally()
    letters = SpilledParquet(paths.dead, lambda dead: _letters(dead, source))
    miscasts = SpilledParquet(paths.miscast)
    parts: list[Path] = []

    def counted() -> Iterator[LandedBlock]:
        for block in blocks:
            tally.add(block)
            letters.add(block.dead)
            miscasts.add(block.miscast)
            if on_progress is not None:
                on_progress(tally.rows.read)
            yield block

    try:
        for columns, alike in groupby(counted(), key=lambda block: block.rows.schema):
            parts.append(paths.rows.with_name(f"{paths.rows.name}.{len(parts)}"))
            _write_rows((block.rows for block in alike), columns, parts[-1])
        _join(parts, schema(tally), paths.rows)
    finally:
        letters.close()
        miscasts.close()
        for part in parts:
            part.unlink(missing_ok=True)
    return tally


def _write_rows(rows: Iterator[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    raised: list[BaseException] = []

    def frames(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        del with_columns, predicate, n_rows, batch_size  # nothing is pushed down: the whole source is written
        try:
            yield from rows
        except BaseException as error:
            raised.append(error)
            raise

    try:
        _sink(register_io_source(frames, schema=schema), path)
    except pl.exceptions.PolarsError:
        if raised:  # Polars wraps what the reader raised; the caller wants the thing itself
            raise raised[0] from None
        raise
    if raised:
        raise raised[0]


def _join(parts: list[Path], schema: pl.Schema, path: Path) -> None:
    """The parts as one file; nearly every file has one part only, of the columns that are wanted."""
    if len(parts) == 1 and pl.read_parquet_schema(parts[0]) == schema:
        parts[0].replace(path)
        return
    scans = [pl.scan_parquet(part) for part in parts]
    _sink(pl.concat([pl.LazyFrame(schema=schema), *scans], how="diagonal").select(schema.names()), path)


def _sink(rows: pl.LazyFrame, path: Path) -> None:
    rows.sink_parquet(path, compression="zstd", compression_level=1)


def _letters(dead: pl.DataFrame, source: SourceRef) -> pl.DataFrame:
    named = dead.with_columns(pl.lit(source.uri).alias("file"), pl.lit(source.digest).alias("file_digest"))
    return named.select(LETTER_SCHEMA.names()).cast(LETTER_SCHEMA)


class SpilledParquet:
    """Frames gathered and written in pieces, so that a flood of rejected rows stays out of memory."""

    def __init__(self, path: Path, finish: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame) -> None:
        """Prepare a file; it is made with the first rows.

        Args:
            path: of the file.
            finish: makes of some of the frames together what is written.
        """
        self._path = path
        self._finish = finish
        self._held: list[pl.DataFrame] = []
        self._held_bytes = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, frame: pl.DataFrame | None) -> None:
        """Keep some rows; all frames have the same columns."""
        if frame is not None and frame.height:
            self._held.append(frame)
            self._held_bytes += int(frame.estimated_size())
            if self._held_bytes > _SPILL_BYTES:
                self._spill()

    def close(self) -> None:
        """Write what is left."""
        if self._held:
            self._spill()
        if self._writer is not None:
            self._writer.close()

    def _spill(self) -> None:
        for some in self._finish(pl.concat(self._held)).iter_slices(_SPILL_ROWS):
            table = some.to_arrow()
            if self._writer is None:
                self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd", compression_level=1)
            self._writer.write_table(table)
        self._held, self._held_bytes = [], 0
