"""A quick test whether the cells of one line would make a row, for telling an unclosed quote from a long cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from expectations.contract import Column, ColumnType, Contract
from expectations.number_formats import plain_number
from expectations.time_formats import python_format
from tasks.ingest.cell_kinds import NUMBER
from tasks.ingest.csv_shape import LooksLikeRow

_INTEGER = re.compile(r"[+-]?\d+")
_WORDS = re.compile(r"true|false|t|f|yes|no|y|n|0|1", re.IGNORECASE)


def row_test(columns: Sequence[str | None], contract: Contract) -> LooksLikeRow | None:
    """The test for a file with these columns; None where none of them has a type that text can fail.

    Args:
        columns: what each column of the file is called; those that are not of the contract fit anything.
        contract: their types.
    """
    known = {place: contract.columns[name] for place, name in enumerate(columns) if name in contract.columns}
    tests = {place: _cell_test(column) for place, column in known.items()}
    typed = {place: test for place, test in tests.items() if test is not None}
    if not typed:
        return None
    missing = frozenset(contract.null_values)

    def looks_like_row(cells: Sequence[str]) -> bool:
        if len(cells) != len(columns):
            return False
        filled = {place: cells[place].strip() for place in typed if cells[place] not in missing}
        return bool(filled) and all(typed[place](cell) for place, cell in filled.items())

    return looks_like_row


def _cell_test(column: Column) -> Callable[[str], bool] | None:
    if column.type is ColumnType.STRING:
        return None
    if column.type in (ColumnType.DATETIME, ColumnType.DATE):
        return lambda cell: any(has_format(cell, form) for form in column.formats)
    if (example := column.number_format) is not None:
        return lambda cell: plain_number(cell, example) is not None
    pattern = {ColumnType.INTEGER: _INTEGER, ColumnType.BOOLEAN: _WORDS}.get(column.type, NUMBER)
    return lambda cell: pattern.fullmatch(cell) is not None


def has_format(cell: str, form: str) -> bool:
    """Whether a text is a date or datetime of a format, as far as Python tells."""
    try:
        datetime.strptime(cell, python_format(form)).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
