"""Result tables as CSV that a spreadsheet can open without running what is in a cell."""

from __future__ import annotations

from pathlib import Path

import polars as pl

# What a spreadsheet takes for the beginning of a formula, the full-width forms of Asian keyboards among them.
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"


def write_csv(table: pl.LazyFrame, path: Path) -> None:
    """Write one table. Equal tables give equal bytes; numbers are written as they are.

    A text that a spreadsheet would run is written with an apostrophe before it. Times are ISO 8601.
    """
    schema = table.collect_schema()
    cells = [_cell(name, kind).alias(_neutral(name)) for name, kind in schema.items()]
    table.select(cells).sink_csv(path, line_terminator="\n", maintain_order=True)


def _neutral(name: str) -> str:
    return f"'{name}" if name.startswith(tuple("=+-@\t\r\n＝＋－＠")) else name


def _cell(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    match kind:
        case pl.String() | pl.Categorical() | pl.Enum():
            return _neutralised(column.cast(pl.String))
        case pl.Datetime():
            return column.dt.to_string("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if kind.time_zone else ""))
        case pl.Duration():
            return column.dt.total_microseconds()
        case pl.Binary():
            return column.bin.encode("hex")
        case pl.List() | pl.Array() | pl.Struct():
            return _neutralised(pl.struct(name).struct.json_encode())
        case _:
            return column


def _neutralised(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(_FORMULA)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)
