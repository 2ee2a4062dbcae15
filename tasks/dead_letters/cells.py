"""Whether a text would cast, judged one cell at a time: to guess a cause. Ingest alone decides what does cast."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from expectations.contract import Column, ColumnType, Contract
from expectations.number_formats import plain_number
from expectations.time_formats import python_format
from tasks.dead_letters.records import Record

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_BOOLEANS = {"true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"}


def fits(text: str | None, column: Column, null_values: Sequence[str]) -> bool:
    """Whether a cell's text is a value of the column, or reads as missing."""
    if text is None or text in null_values:
        return True
    bare = text.strip(" \t")
    if column.type == ColumnType.STRING or bare in null_values:
        return True
    if column.number_format is not None:
        bare = plain_number(bare, column.number_format) or ""
    if column.type == ColumnType.INTEGER:
        return _INTEGER.fullmatch(bare) is not None
    if column.type in (ColumnType.DECIMAL, ColumnType.FLOAT):
        return _NUMBER.fullmatch(bare) is not None
    if column.type == ColumnType.BOOLEAN:
        return bare.lower() in _BOOLEANS
    return read_time(bare, column.formats) is not None


def misfits(record: Record, contract: Contract) -> list[str]:
    """The columns of a record whose text does not fit."""
    nulls = contract.null_values
    return [name for name, column in contract.columns.items() if not fits(record.get(name), column, nulls)]


def read_time(text: str, formats: tuple[str, ...], zone: str | None = None) -> datetime | None:
    """A time by the first format that reads it, on the clock of a column's zone; on that of UTC where it has none."""
    found = _parsed(text, formats)
    return found if found is None or found.tzinfo is None else _on_clock(found, zone)


def _on_clock(moment: datetime, zone: str | None) -> datetime:
    return moment.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None)


@lru_cache(maxsize=4096)
def _parsed(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, python_format(form))  # noqa: DTZ007 - an offset is read where the format has one
        except ValueError:
            continue
    return None
