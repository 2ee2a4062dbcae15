"""A table as it was read, written to a CSV or Parquet file: whole, or not at all."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from expectations.errors import UsageError


def write_table(path: Path, header: Sequence[str], columns: Sequence[str], frames: Iterable[pl.DataFrame]) -> int:
    """Write a table.

    Args:
        path: ends in `.csv` or `.parquet`.
        header: names of the columns; none where the table has none, and then a CSV file gets none either.
        columns: their names in the frames.
        frames: the rows, all text.

    Returns:
        How many rows it has.

    Raises:
        UsageError: the name has another ending, or the file cannot be written.
    """
    write = {".csv": _write_csv, ".parquet": _write_parquet}.get(path.suffix.lower())
    if write is None:
        raise UsageError(f"{path}: the name must end in .csv or .parquet")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        rows = write(temporary, header, (frame.select(columns) for frame in frames))
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)
    return rows


def unique_names(header: Sequence[str], width: int) -> list[str]:
    """A name for every column: the header's, `column_3` where there is none, with a number where one comes again."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for place in range(width):
        name = (header[place].strip() if place < len(header) else "") or f"column_{place + 1}"
        seen[name] += 1
        names.append(name if seen[name] == 1 and name not in names else f"{name}_{place + 1}")
    return names


def _write_csv(path: Path, header: Sequence[str], frames: Iterator[pl.DataFrame]) -> int:
    rows = 0
    with path.open("wb") as file:
        if header:
            file.write(_csv_line(header))
        for frame in frames:
            frame.write_csv(file, include_header=False, quote_style="necessary")
            rows += frame.height
    return rows


def _csv_line(cells: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue().encode()


def _write_parquet(path: Path, header: Sequence[str], frames: Iterator[pl.DataFrame]) -> int:
    writer: pq.ParquetWriter | None = None
    rows = 0
    try:
        for frame in frames:
            named = frame.rename(dict(zip(frame.columns, unique_names(header, frame.width), strict=True))).to_arrow()
            writer = writer or pq.ParquetWriter(path, named.schema, compression="zstd")
            writer.write_table(named)
            rows += frame.height
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        pl.DataFrame(schema=dict.fromkeys(unique_names(header, len(header)), pl.String)).write_parquet(path)
    return rows
