"""How rows of text are written down: CSV in any style, a JSON array, NDJSON, Parquet, each plain or gzipped."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Self

import polars as pl
import pyarrow.parquet as pq

from benchmarks.events import HEADER, TIME_FORMAT

Record = list[str | None]
FileFormat = Literal["csv", "json", "ndjson", "parquet"]
FORMAT_OF_NAME: dict[str, FileFormat] = {
    "csv": "csv",
    "json": "json",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "parquet": "parquet",
}
NUMERIC_COLUMNS = frozenset({"user_id", "value"})
TIME_COLUMNS = frozenset({"session_start", "session_end"})
JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
PLAIN_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Style:
    """How a file is written. What does not concern its format is ignored."""

    file_format: FileFormat = "csv"
    is_gzipped: bool = False
    delimiter: str = ","
    quotes_all: bool = False
    line_end: str = "\n"
    encoding: str = "utf-8"  # "utf-8-sig" writes a byte order mark
    extra_column: tuple[str, str] | None = None  # its name and the value that every row has

    @property
    def header_lines(self) -> int:
        """Physical lines before the first record; records of JSON arrays and Parquet are counted, not lines."""
        return 1 if self.file_format == "csv" else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the file."""
        return HEADER if self.extra_column is None else (*HEADER, self.extra_column[0])


def style_of(path: Path, asked: str | None = None) -> Style:
    """The style that a file's name asks for, or `asked` in its place, such as `csv.gz`.

    Raises:
        ValueError: it is none of those that can be written.
    """
    parts = (asked or path.name).lower().split(".")
    is_gzipped = parts[-1] == "gz"
    name = parts[-2 if is_gzipped and len(parts) > 1 else -1]
    if name not in FORMAT_OF_NAME or (is_gzipped and name == "parquet"):
        known = ", ".join(FORMAT_OF_NAME)
        raise ValueError(f"{asked or path.name}: no format to write (known: {known}; the text ones also with .gz)")
    return Style(file_format=FORMAT_OF_NAME[name], is_gzipped=is_gzipped)


def text_lines(frame: pl.DataFrame, style: Style) -> list[str]:
    """One line a row. The cells must not need quoting."""
    expression = _csv_expression(style) if style.file_format == "csv" else _json_expression(style)
    return frame.select(expression).to_series().to_list()


def text_line(record: Sequence[str | None], style: Style) -> str:
    """One record as it is written, whatever its cells hold and however many there are."""
    if style.file_format != "csv":
        return "{" + ", ".join(_json_member(*member) for member in _named(record, style)) + "}"
    return style.delimiter.join(csv_field(cell, style) for cell in with_extra(record, style))


def header_line(style: Style) -> str:
    """The header of a CSV file."""
    return style.delimiter.join(csv_field(name, style) for name in style.names)


def csv_field(cell: str | None, style: Style) -> str:
    """A cell, quoted where it must be."""
    text = cell or ""
    if style.quotes_all or any(sign in text for sign in (style.delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def with_extra(record: Sequence[str | None], style: Style) -> list[str | None]:
    """The record with the cell of the extra column, where the style has one."""
    return [*record] if style.extra_column is None else [*record, style.extra_column[1]]


def _named(record: Sequence[str | None], style: Style) -> list[tuple[str, str | None]]:
    return list(zip(style.names, with_extra(record, style), strict=True))


def _json_member(name: str, cell: str | None) -> str:
    if cell is None:
        return f'"{name}": null'
    if name in NUMERIC_COLUMNS and JSON_NUMBER.fullmatch(cell):
        return f'"{name}": {cell}'
    if name in TIME_COLUMNS and PLAIN_TIME.fullmatch(cell):
        cell = cell.replace(" ", "T")
    return f'"{name}": {json.dumps(cell, ensure_ascii=False)}'


def _csv_expression(style: Style) -> pl.Expr:
    cells: list[pl.Expr] = [pl.col(name).fill_null("") for name in HEADER]
    if style.extra_column is not None:
        cells.append(pl.lit(style.extra_column[1]))
    if not style.quotes_all:
        return pl.concat_str(cells, separator=style.delimiter)
    joined = pl.concat_str(cells, separator=f'"{style.delimiter}"')
    return pl.concat_str(pl.lit('"'), joined, pl.lit('"'))


def _json_expression(style: Style) -> pl.Expr:
    members = [pl.concat_str(pl.lit(f'"{name}": '), _json_cell(name)) for name in HEADER]
    if style.extra_column is not None:
        members.append(pl.lit(_json_member(*style.extra_column)))
    return pl.concat_str(pl.lit("{"), pl.concat_str(members, separator=", "), pl.lit("}"))


def _json_cell(name: str) -> pl.Expr:
    cell = pl.col(name)
    if name in TIME_COLUMNS:
        cell = cell.str.replace(" ", "T", literal=True)
    if name not in NUMERIC_COLUMNS:
        cell = pl.concat_str(pl.lit('"'), cell, pl.lit('"'))
    return cell.fill_null("null")


def with_records(frame: pl.DataFrame, records: Mapping[int, Record]) -> pl.DataFrame:
    """The frame with some of its rows replaced, by position."""
    positions = pl.int_range(pl.len(), dtype=pl.Int64).alias("position")
    schema = dict.fromkeys(HEADER, pl.String)
    replaced = pl.DataFrame(list(records.values()), schema=schema, orient="row")
    replaced = replaced.with_columns(position=pl.Series(list(records), dtype=pl.Int64))
    kept = frame.with_columns(positions).filter(~pl.col("position").is_in(list(records)))
    return pl.concat([kept, replaced]).sort("position").drop("position")


class TextWriter(AbstractContextManager["TextWriter"]):
    """Writes lines as they come; whole once it is closed. Single surrogates stand for bytes that are no text."""

    def __init__(self, path: Path, style: Style) -> None:
        self._style = style
        self._closing = ExitStack()
        if style.is_gzipped:
            # Without name and time, so that the same rows give the same bytes.
            packed = gzip.GzipFile(
                filename="", mode="wb", compresslevel=6, fileobj=self._closing.enter_context(path.open("wb")), mtime=0
            )
            self._file: IO[bytes] | gzip.GzipFile = self._closing.enter_context(packed)
        else:
            self._file = self._closing.enter_context(path.open("wb"))
        self._has_records = False
        if style.encoding == "utf-8-sig":
            self._file.write(b"\xef\xbb\xbf")

    def write_header(self) -> None:
        """Write what comes before the first record."""
        if self._style.file_format == "csv":
            self._write(header_line(self._style) + self._style.line_end)
        elif self._style.file_format == "json":
            self._write("[\n")

    def write(self, lines: list[str], *, is_cut_off: bool = False) -> None:
        """Write some records, each with its line end or comma; the last one of a file may be cut off before it."""
        if not lines:
            return
        if self._style.file_format == "json":
            self._write((",\n" if self._has_records else "") + ",\n".join(lines))
        else:
            self._write(self._style.line_end.join(lines) + ("" if is_cut_off else self._style.line_end))
        self._has_records = True

    def __exit__(self, *exception: object) -> None:
        if self._style.file_format == "json":
            self._write("\n]\n")
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def _write(self, text: str) -> None:
        encoding = "utf-8" if self._style.encoding == "utf-8-sig" else self._style.encoding
        self._file.write(text.encode(encoding, "surrogateescape"))


class ParquetWriter(AbstractContextManager["ParquetWriter"]):
    """Writes frames of text as typed columns, a row group a frame."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, frame: pl.DataFrame) -> None:
        """Write some rows."""
        table = frame.select(_typed(name) for name in HEADER).to_arrow()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._writer is not None:
            self._writer.close()


def _typed(name: str) -> pl.Expr:
    if name == "user_id":
        return pl.col(name).cast(pl.Int64)
    if name == "value":
        return pl.col(name).cast(pl.Decimal(18, 2))
    if name in TIME_COLUMNS:
        return pl.col(name).str.to_datetime(TIME_FORMAT, time_unit="us")
    return pl.col(name)
