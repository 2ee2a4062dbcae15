"""Parquet: rows with the types they have, by the batch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.faults import FileError
from tasks.ingest.letters import Letter
from tasks.ingest.parquet_sizes import BATCH_ROWS, batch_rows, least_bytes
from tasks.sources import TOO_LARGE, rows_as_json

_BLOCK_BYTES = 32 << 20


def read_parquet(path: Path, allowed_bytes: int | None = None) -> Iterator[RecordBlock]:
    """Read the rows of a Parquet file; the line of each is its number, from 1.

    Args:
        path: from `tasks.sources.open_as_path`, for Parquet is read from its end.
        allowed_bytes: how much it may become in memory, all rows together; None: without a limit.

    Raises:
        FileError: `damaged_file`; `too_large`; `wrong_schema` where two columns have one name, or one has a name of
            Sluice's own.
    """
    with _faults():
        file = pq.ParquetFile(path, pre_buffer=False)
    with file:
        _check_names(file.schema_arrow.names)
        with _faults():
            batches = file.iter_batches(batch_rows(path, file))
        left_bytes = sys.maxsize if allowed_bytes is None else allowed_bytes
        _spend(left_bytes, least_bytes(file.metadata))
        done = 0
        for rows in _blocks(batches):
            left_bytes = _spend(left_bytes, int(rows.estimated_size()))
            yield _block(rows, done)
            done += rows.height
        if not done:  # its columns are worth knowing all the same
            yield _block(pl.DataFrame(schema=dict.fromkeys(file.schema_arrow.names, pl.String)), 0)


def _blocks(batches: Iterator[pa.RecordBatch]) -> Iterator[pl.DataFrame]:
    """Batches in blocks that are large enough to be worth while."""
    held: list[pa.RecordBatch] = []
    height = size_bytes = 0
    while (batch := _next_batch(batches)) is not None:
        held.append(batch)
        height += batch.num_rows
        size_bytes += batch.nbytes
        if height >= BATCH_ROWS or size_bytes >= _BLOCK_BYTES:
            yield _frame(held)
            held, height, size_bytes = [], 0, 0
    if held:
        yield _frame(held)


def _spend(left_bytes: int, size_bytes: int) -> int:
    if size_bytes > left_bytes:
        raise FileError("too_large", TOO_LARGE)
    return left_bytes - size_bytes


def _next_batch(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    with _faults():
        batch = next(batches, None)
        if batch is not None:
            batch.validate(full=True)  # text that is not UTF-8 would bring Polars down
        return batch


def _frame(batches: list[pa.RecordBatch]) -> pl.DataFrame:
    with _faults():
        columns = [[_readable(column) for column in batch.columns] for batch in batches]
        chunked = [pa.chunked_array(parts) for parts in zip(*columns, strict=True)]
        return pl.DataFrame(pa.Table.from_arrays(chunked, names=batches[0].schema.names))


def _readable(column: pa.Array) -> pa.Array:
    """The column as something Polars has: decimals of more than 38 digits as text, categories in full."""
    if isinstance(column, pa.DictionaryArray):
        return column.dictionary_decode()
    return column.cast(pa.string()) if pa.types.is_decimal256(column.type) else column


def _block(rows: pl.DataFrame, done: int) -> RecordBlock:
    numbers = pl.int_range(done + 1, done + rows.height + 1, dtype=pl.Int64, eager=True)
    records = rows.with_columns(numbers.alias(LINE), pl.lit(1, pl.UInt32).alias(SPAN))

    def locate(chosen: pl.DataFrame) -> list[Letter]:
        lines = chosen[LINE].to_list()
        texts = rows_as_json(rows[[line - done - 1 for line in lines]])
        return [Letter(line, line, None, text, "") for line, text in zip(lines, texts, strict=True)]

    return RecordBlock(records, [], 0, locate)


def _check_names(names: list[str]) -> None:
    doubles = sorted({name for name in names if names.count(name) > 1})
    reserved = sorted(set(names) & {LINE, SPAN})
    if doubles or reserved:
        raise FileError("wrong_schema", f"columns that cannot be told apart: {', '.join(doubles + reserved)}")


@contextmanager
def _faults() -> Iterator[None]:
    """What pyarrow raises at a file that is no Parquet, or not all of it."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise FileError("damaged_file", f"the Parquet file cannot be read: {type(error).__name__}") from error
