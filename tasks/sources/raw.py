"""The bytes of chosen records, verbatim, fetched from their source again: for rows that are rejected late."""

from __future__ import annotations

import json

import polars as pl

from tasks.models import SourceRef
from tasks.sources.opening import open_as_path, open_source
from tasks.sources.raw_json import fetch_elements
from tasks.sources.raw_lines import RAW_SCHEMA, LineEnd, fetch_lines

_ROW = "__row"


def fetch_raw(
    source: SourceRef, wanted: pl.DataFrame, file_format: str, encoding: str | None, line_end: str
) -> pl.DataFrame:
    r"""The wanted records as they stand in their source, in one pass over it.

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
        `line`, `byte_offset` (Int64, in the unpacked source; null for Parquet and for JSON that is not UTF-8), `raw`
        (Binary, without line end; of a Parquet row its JSON), by line; a line the source does not have is not in it.

    Raises:
        SourceError, ConnectionError: as `open_source`; `changed_while_read` if it is not the source it was.
    """
    wanted = wanted.select(pl.col("line").cast(pl.Int64), pl.col("span").cast(pl.Int64)).unique("line").sort("line")
    if wanted.is_empty():
        return RAW_SCHEMA.to_frame()
    if file_format == "parquet":
        return _parquet_rows(source, wanted)
    with open_source(source) as stream:
        if file_format == "json":
            return fetch_elements(stream, wanted, encoding)
        return fetch_lines(stream, wanted, LineEnd(encoding, line_end))


def _parquet_rows(source: SourceRef, wanted: pl.DataFrame) -> pl.DataFrame:
    with open_as_path(source) as path:
        rows = (
            pl.scan_parquet(path, row_index_name=_ROW)
            .join(wanted.lazy().select(pl.col("line").cast(pl.get_index_type()).alias(_ROW) - 1), on=_ROW, how="semi")
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
