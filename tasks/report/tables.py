"""Result tables as the report shows them: their first rows, every cell a text that is ready to print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from tasks.report.numbers import MISSING, Numbers
from tasks.report.text import shown

# Columns that say what a row is about; `rank` counts within each.
KINDS, RANK, DURATION = ("measure", "by", "column"), "rank", "duration_seconds"
_ONE_LINE = 26  # a shorter text is not broken into lines
_LEAST_P = 0.0001


class Cell(NamedTuple):
    """`kind` is number, text, text keep (not broken into lines), or number or text with missing."""

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
    is_folded: bool
    is_facts: bool
    empty: str

    @property
    def is_cut(self) -> bool:
        """Whether there are rows that are not shown."""
        return self.total > len(self.rows)


class TableText(NamedTuple):
    """What is said about a table, and how it is shown.

    `measured` columns are durations in the rows whose `measure` is one. A mixed table holds another unit in every row:
    its numbers are not brought to the same number of decimals. A folded one repeats what a plot shows. Facts are a
    table of one row, shown as names and values. `empty` is said of a table without rows.
    """

    title: str
    how: str = ""
    labels: Mapping[str, str] = {}
    measured: frozenset[str] = frozenset()
    is_mixed: bool = False
    is_folded: bool = False
    is_facts: bool = False
    empty: str = "No rows."


def view_table(name: str, table: pl.LazyFrame, text: TableText, numbers: Numbers, *, csv: str, rows: int) -> TableView:
    """Read the first rows of a table.

    Args:
        name: the table's name.
        table: all of it.
        text: title, footnote and labels.
        numbers: how numbers are written.
        csv: where the whole of it is, relative to the report.
        rows: how many rows are shown.
    """
    first = _beginning(table, rows)
    # A column that this dataset has no role for is empty throughout, and says nothing.
    first = first.select(name for name in first.columns if first.height == 0 or first[name].null_count() < first.height)
    total = table.select(pl.len()).collect().item()
    columns = tuple(
        Column(text.labels.get(column) or label(column), kind.is_numeric()) for column, kind in first.schema.items()
    )
    written = [_cells(first[column], text, numbers, _measures(first)) for column in first.columns]
    lines = tuple(zip(*written, strict=True))
    return TableView(name, text.title, text.how, columns, lines, total, csv, text.is_folded, text.is_facts, text.empty)


def _beginning(table: pl.LazyFrame, rows: int) -> pl.DataFrame:
    """The first rows; of a table that ranks several measures, the first ranks of each."""
    names = table.collect_schema().names()
    kind = next((name for name in KINDS if name in names), None)
    if kind is None or RANK not in names:
        return table.head(rows).collect()
    kinds = table.select(pl.col(kind).n_unique()).collect().item()
    return table.filter(pl.col(RANK) <= rows // max(kinds, 1)).collect()


def label(column: str) -> str:
    """A column's name for people: underscores are spaces, and a unit that is printed in the cells is left out."""
    for suffix in ("_seconds", "_microseconds"):
        column = column.removesuffix(suffix)
    return shown(column.strip("_").replace("_", " "))


def _measures(table: pl.DataFrame) -> Sequence[str | None]:
    kind = next((name for name in KINDS[:2] if name in table.columns), None)
    return [None] * table.height if kind is None else table[kind].to_list()


def _cells(values: pl.Series, text: TableText, numbers: Numbers, measures: Sequence[str | None]) -> list[Cell]:
    kind = "number" if values.dtype.is_numeric() else "text"
    write = _format(values, text, numbers)
    as_duration = values.name in text.measured
    cells = []
    for value, measure in zip(values.to_list(), measures, strict=True):
        if value is None:
            cells.append(Cell(MISSING, f"{kind} missing"))
        elif as_duration and measure is not None and measure.endswith(DURATION):
            cells.append(Cell(numbers.duration(float(value)), kind))
        else:
            written = write(value)
            cells.append(Cell(written, "text keep" if kind == "text" and len(written) <= _ONE_LINE else kind))
    return cells


def _format(values: pl.Series, text: TableText, numbers: Numbers) -> Callable[[Any], str]:
    """How a column's values are written, by its type and the unit in its name."""
    name, kind = values.name, values.dtype
    if name in KINDS[:2]:
        return lambda value: text.labels.get(f"{name}.{value}") or label(str(value))
    if not kind.is_numeric():
        return lambda value: shown(numbers.value(value))
    for ending, write in _BY_NAME.items():
        if name.endswith(ending):
            return lambda value: write(numbers, value)
    if kind.is_float() and not text.is_mixed:
        decimals = _decimals(values)
        return lambda value: numbers.fixed(value, decimals) if decimals is not None else numbers.real(value)
    return lambda value: numbers.exact(value) if isinstance(value, Decimal) else numbers.value(value)


def _p_value(numbers: Numbers, value: float) -> str:
    return f"<{numbers.real(_LEAST_P)}" if value < _LEAST_P else numbers.real(value)


_BY_NAME: dict[str, Callable[[Numbers, Any], str]] = {
    "_seconds": Numbers.duration,
    "share": Numbers.share,
    "change": Numbers.change,
    "p_value": _p_value,
}


def _decimals(values: pl.Series) -> int | None:
    """One number of decimals for a whole column, so that its points stand below each other; None: too different."""
    found = values.drop_nulls().abs()
    finite = found.filter(found.is_finite())
    most = finite.max()
    if not isinstance(most, float) or (finite == finite.round(0)).all():
        return 0 if isinstance(most, float) else None
    for least, decimals in ((10_000, 0), (1_000, 1), (0.5, 2), (0.01, 4)):
        if most >= least:
            return decimals
    return None
