"""The bytes of chosen records, verbatim, fetched from their source again: for rows that are rejected late."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import polars as pl

from tasks.models import SourceRef
from tasks.sources.opening import open_as_path, open_source
from tasks.sources.raw_json import fetch_elements
from tasks.sources.raw_lines import RAW_SCHEMA, LineEnd, RawRecord, fetch_lines

_ROW = "__row"


def fetch_raw(
    source: SourceRef, wanted: pl.DataFrame, file_format: str, encoding: str | None, line_end: str
) -> pl.DataFrame:
    r"""The wanted records as they stand in their source.

    Args:
        source: what they came from.
        wanted: `line` Int64 and `span` UInt32: for CSV and NDJSON the first physical line from 1 and how many lines the
            record takes; for a JSON array or Parquet the number of the record from 1 (its span is not looked at).
        file_format: csv, json, ndjson or parquet.
        encoding: of a text, by Python's name for it; for lines it only matters how many bytes a letter has.
        line_end: what counts as the end of a physical line: `\n` or `\r\n` (each `\n` counts, a `\r` before it belongs
            to the line end), or `\r`; or `mixed`, where each of them does, and a lone `\r` within a record is given as
            `\n`.

    Returns:
        `line`, `byte_offset` (Int64, in the unpacked source; null for Parquet), `raw` (Binary, without line end; of a
        Parquet row its JSON), by line; a line the source does not have is not in it.

    Raises:
        SourceError, ConnectionError: as `open_source`; `changed_while_read` if it is not the source it was.
    """
    unique = wanted.unique("line").sort("line")
    return next(fetch_raw_in_turn(source, [unique], file_format, encoding, line_end))


def fetch_raw_in_turn(
    source: SourceRef, wanted: Sequence[pl.DataFrame], file_format: str, encoding: str | None, line_end: str
) -> Iterator[pl.DataFrame]:
    """The wanted records, frame by frame, in one pass over their source: as `fetch_raw`, for as many as there are.

    Args:
        source: what they came from.
        wanted: frames as of `fetch_raw`, each line once and in order, also from one frame to the next.
        file_format: as of `fetch_raw`.
        encoding: as of `fetch_raw`.
        line_end: as of `fetch_raw`.
    """
    if not any(frame.height for frame in wanted):
        yield from (RAW_SCHEMA.to_frame() for _ in wanted)
    elif file_format == "parquet":
        with open_as_path(source) as path:
            yield from (_parquet_rows(path, frame) for frame in wanted)
    else:
        with open_source(source) as stream:
            records = _records(stream, wanted, file_format, encoding, line_end)
            for frame in wanted:
                yield pl.DataFrame(list(islice(records, frame.height)), RAW_SCHEMA, orient="row")


def _records(
    stream: BinaryIO, wanted: Iterable[pl.DataFrame], file_format: str, encoding: str | None, line_end: str
) -> Iterator[RawRecord]:
    """One record after the other: only as far as they are asked for."""
    if file_format == "json":
        return fetch_elements(stream, (line for frame in wanted for line in frame["line"]), encoding)
    places = (place for frame in wanted for place in frame.select("line", "span").iter_rows())
    return fetch_lines(stream, places, LineEnd(encoding, line_end))


def _parquet_rows(path: Path, wanted: pl.DataFrame) -> pl.DataFrame:
    if not wanted.height:
        return RAW_SCHEMA.to_frame()
    places = wanted.select(pl.col("line").cast(pl.get_index_type()).alias(_ROW) - 1)
    first, last = places[_ROW][0], places[_ROW][-1]
    rows = (
        pl.scan_parquet(path, row_index_name=_ROW)
        .slice(first, last - first + 1)
        .join(places.lazy(), on=_ROW, how="semi")
        .collect(engine="streaming")
        .sort(_ROW)
    )
    lines = rows[_ROW].cast(pl.Int64) + 1
    raw = pl.Series("raw", rows_as_json(rows.drop(_ROW)), pl.Binary)
    return pl.DataFrame({"line": lines, "raw": raw}).select("line", pl.lit(None, pl.Int64).alias("byte_offset"), "raw")


def rows_as_json(rows: pl.DataFrame) -> list[bytes]:
    """Each row of a typed frame as a JSON object; numbers and moments with all their digits."""
    exact = (pl.Decimal, pl.Datetime, pl.Time, pl.Int128, pl.Categorical, pl.Enum)
    texts = rows.with_columns(pl.col(name).cast(pl.String) for name, kind in rows.schema.items() if kind in exact)
    return [json.dumps(row, ensure_ascii=False, default=_as_json).encode() for row in texts.iter_rows(named=True)]


def _as_json(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
