"""Result tables as the report shows them: their first rows, every cell a text that is ready to print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from tasks.report.numbers import MISSING, Numbers
from tasks.report.text import shown

MASKED = "masked"
_MICROSECONDS = 1_000_000


class Cell(NamedTuple):
    """`kind` is number, text, missing or masked."""

    text: str
    kind: str


class Column(NamedTuple):
    """`label` names it for people; `is_number` decides the side it stands on."""

    label: str
    is_number: bool


class TableView(NamedTuple):
    """The beginning of a table, and where the rest is."""

    name: str
    title: str
    how: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    csv: str

    @property
    def is_cut(self) -> bool:
        """Whether there are rows that are not shown."""
        return self.total > len(self.rows)


class TableText(NamedTuple):
    """What is said about a table."""

    title: str
    how: str = ""
    labels: Mapping[str, str] = {}
    hidden: frozenset[str] = frozenset()


def view_table(
    name: str,
    table: pl.LazyFrame,
    text: TableText,
    numbers: Numbers,
    *,
    csv: str,
    rows: int,
    personal: frozenset[str] = frozenset(),
) -> TableView:
    """Read the first rows of a table.

    Args:
        name: the table's name.
        table: all of it.
        text: title, footnote and labels.
        numbers: how numbers are written.
        csv: where the whole of it is, relative to the report.
        rows: how many rows are shown.
        personal: columns whose values are masked.
    """
    schema = table.collect_schema()
    names = [column for column in schema if column not in text.hidden]
    first = table.select(names).head(rows).collect()
    total = table.select(pl.len()).collect().item()
    writers = [_writer(column, schema[column], numbers, column in personal) for column in names]
    cells = tuple(tuple(write(value) for write, value in zip(writers, row, strict=True)) for row in first.iter_rows())
    columns = tuple(Column(text.labels.get(column) or label(column), schema[column].is_numeric()) for column in names)
    return TableView(name, text.title, text.how, columns, cells, total, csv)


def label(column: str) -> str:
    """A column's name for people: underscores are spaces, and a unit that is printed in the cells is left out."""
    for suffix in ("_seconds", "_microseconds", "_us"):
        column = column.removesuffix(suffix)
    return shown(column.strip("_").replace("_", " "))


def _writer(column: str, kind: pl.DataType, numbers: Numbers, is_personal: bool) -> Callable[[Any], Cell]:
    write = _format(column, kind, numbers)

    def cell(value: Any) -> Cell:
        if value is None:
            return Cell(MISSING, "missing")
        if is_personal:
            return Cell(MASKED, "masked")
        return Cell(write(value), "number" if kind.is_numeric() else "text")

    return cell


def _format(column: str, kind: pl.DataType, numbers: Numbers) -> Callable[[Any], str]:
    """How a column's values are written, by its type and the unit in its name."""
    if kind.is_numeric():
        return _numeric_format(column, numbers)
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return lambda value: shown(str(value))
    return lambda value: shown(numbers.value(value))


def _numeric_format(column: str, numbers: Numbers) -> Callable[[Any], str]:
    if column.endswith("_seconds"):
        return lambda value: numbers.duration(float(value))
    if column.endswith(("_us", "_microseconds")):
        return lambda value: numbers.duration(value / _MICROSECONDS)
    if column == "share" or column.endswith("_share"):
        return lambda value: numbers.share(float(value))
    if column.endswith(("_id", "year")):
        return str  # a name that is made of digits
    return lambda value: numbers.exact(value) if isinstance(value, Decimal) else numbers.value(value)
