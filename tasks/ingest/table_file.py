"""A table as it was read, written to a CSV or Parquet file: whole, or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.errors import UsageError

_BATCH_ROWS = 64 << 10


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
    _check_ending(path)
    write = _write_csv if path.suffix.lower() == ".csv" else _write_parquet
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        rows = write(temporary, header, (frame.select(columns) for frame in frames))
        temporary.replace(path)
    except ConnectionError:
        raise  # of the source
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)
    return rows


def write_growing(path: Path, header: Callable[[], Sequence[str]], frames: Iterable[pl.DataFrame]) -> int:
    """Write a table whose columns and header may be known at its end only.

    Args:
        path: ends in `.csv` or `.parquet`.
        header: gives the names of the columns, once the frames are all made.
        frames: the rows, all text; a later one may have more columns.

    Returns:
        How many rows it has.

    Raises:
        UsageError: the name has another ending, or the file cannot be written.
    """
    _check_ending(path)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            parts = list(_parts(frames, Path(folder)))
            columns = list(dict.fromkeys(name for part in parts for name in pl.read_parquet_schema(part)))
            every = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
            whole = (pl.concat([every, frame], how="diagonal") for part in parts for frame in _frames(part))
            return write_table(path, header(), columns, whole)
    except ConnectionError:
        raise  # of the source
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def _parts(frames: Iterable[pl.DataFrame], folder: Path) -> Iterator[Path]:
    """Frames of the same columns together, in files that are quickly written and read again."""
    for number, (columns, alike) in enumerate(groupby(frames, key=lambda frame: frame.columns)):
        if not columns:
            continue
        part = folder / str(number)
        schema = pa.schema([(name, pa.large_string()) for name in columns])
        with pq.ParquetWriter(part, schema, compression="zstd", compression_level=1) as writer:
            for frame in alike:
                writer.write_table(frame.to_arrow().cast(schema))
        yield part


def _frames(part: Path) -> Iterator[pl.DataFrame]:
    with pq.ParquetFile(part) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            yield pl.DataFrame(pl.from_arrow(batch))


def _check_ending(path: Path) -> None:
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise UsageError(f"{path}: the name must end in .csv or .parquet")


def unique_names(header: Sequence[str], width: int) -> list[str]:
    """A name for every column: the header's, `column_3` where there is none, with a number where one comes again."""
    names: list[str] = []
    taken: set[str] = set()
    for place in range(width):
        name = (header[place].strip() if place < len(header) else "") or f"column_{place + 1}"
        names.append(f"{name}_{place + 1}" if name in taken else name)
        taken |= {name, names[-1]}
    return names


def _write_csv(path: Path, header: Sequence[str], frames: Iterator[pl.DataFrame]) -> int:
    rows = 0
    with path.open("wb") as file:
        if header:
            file.write(_csv_line(header))
        for frame in frames:
            # In a table of one column nothing at all would be a blank line.
            cells = frame.fill_null("") if frame.width == 1 else frame
            cells.write_csv(file, include_header=False, quote_style="necessary")
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
