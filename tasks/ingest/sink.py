"""Landed blocks written as they come, in bounded memory: rows, dead letters and miscast rows, a Parquet file each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow.parquet as pq

from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.ingest.drift import Noted
from tasks.models import FileRows, SourceRef
from tasks.spilled_parquet import SpilledParquet, spilled_rows


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
    parts: list[SpilledParquet] = []  # of rows with the same columns; nearly every file has one part only
    try:
        for block in blocks:
            tally.add(block)
            letters.add(block.dead)
            miscasts.add(block.miscast)
            if not parts or parts[-1].schema != block.rows.schema:
                parts.append(spilled_rows(paths.rows.with_name(f"{paths.rows.name}.{len(parts)}")))
            parts[-1].add(block.rows)
            if on_progress is not None:
                on_progress(tally.rows.read)
        for part in parts:
            part.close()
        _join([part.path for part in parts if part.path.exists()], schema(tally), paths.rows)
    finally:
        for spilled in (letters, miscasts, *parts):
            spilled.close()
        for part in parts:
            part.path.unlink(missing_ok=True)
    return tally


def _join(parts: list[Path], schema: pl.Schema, path: Path) -> None:
    """The parts as one file, of the columns that are wanted."""
    if len(parts) == 1 and pl.read_parquet_schema(parts[0]) == schema:
        parts[0].replace(path)
        return
    none = pl.DataFrame(schema=schema)
    if not parts:
        none.write_parquet(path)
        return
    whole = spilled_rows(path)
    for part in parts:
        for batch in pq.ParquetFile(part).iter_batches():
            whole.add(pl.concat([none, pl.DataFrame(batch)], how="diagonal").select(schema.names()))
    whole.close()


def _letters(dead: pl.DataFrame, source: SourceRef) -> pl.DataFrame:
    named = dead.with_columns(pl.lit(source.uri).alias("file"), pl.lit(source.digest).alias("file_digest"))
    return named.select(LETTER_SCHEMA.names()).cast(LETTER_SCHEMA)
