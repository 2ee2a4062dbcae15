"""Text as dates and datetimes, by stated formats: as it stands there, or not at all."""

from __future__ import annotations

import re

import polars as pl

from expectations.contract import Column, ColumnType
from expectations.time_formats import has_offset

# The years 1 to 9999 as Polars counts: in days, and in microseconds.
_DAYS = (-719_162, 2_932_896)
_MICROSECONDS = (-62_135_596_800_000_000, 253_402_300_799_999_999)
_FRACTION = re.compile(r"%[.]?[0-9]?f")
_SIXTY = r":60([^0-9]|$)"
_TOO_FINE = r"[.,][0-9]{6}0*[1-9]"  # what microseconds cannot hold


def by_format(text: pl.Expr, form: str, column: Column) -> pl.Expr:
    """Text cast by one format; null where it does not cast, or is a local time that is shown twice or never.

    Polars reads a few texts as what they are not: `is_inexact` knows them.
    """
    return _placed(_read(text, form, column), form, column)


def by_first_format(text: pl.Expr, column: Column) -> pl.Expr:
    """Text cast by the first of the column's formats that reads it; what that one cannot place, no other one may."""
    value = pl.lit(None)
    for form in reversed(column.formats):
        read = _read(text, form, column)
        placed = pl.when(~is_inexact(text, read, form, column)).then(_placed(read, form, column))
        value = pl.when(read.is_not_null()).then(placed).otherwise(value)
    return value


def is_inexact(text: pl.Expr, read: pl.Expr, form: str, column: Column) -> pl.Expr:
    """Which texts were read as something else: a sixtieth second, a year that no calendar has, lost digits.

    Args:
        text: the column.
        read: what `by_format` made of it; null is null.
        form: the format.
        column: its type.
    """
    is_wrong = [~is_in_calendar(read, column)]
    if form.endswith(("%S", "%T")):
        is_wrong.append(text.str.ends_with("60"))
    elif "%S" in form or "%T" in form:
        is_wrong.append(text.str.contains(_SIXTY))
    if _FRACTION.search(form):
        is_wrong.append(text.str.contains(_TOO_FINE))
    return pl.any_horizontal(is_wrong).fill_null(False)


def is_in_calendar(values: pl.Expr, column: Column) -> pl.Expr:
    """Which dates or datetimes are of a year from 1 to 9999, as all engines have them."""
    first, last = _DAYS if column.type is ColumnType.DATE else _MICROSECONDS
    return values.to_physical().is_between(first, last)


def _read(text: pl.Expr, form: str, column: Column) -> pl.Expr:
    if column.type is ColumnType.DATE:
        return text.str.to_date(form, strict=False, cache=False)
    zone = "UTC" if has_offset(form) else None
    return text.str.to_datetime(form, strict=False, cache=False, time_unit="us", time_zone=zone)


def _placed(read: pl.Expr, form: str, column: Column) -> pl.Expr:
    if column.time_zone is None and has_offset(form):
        return read.dt.replace_time_zone(None)
    if column.type is ColumnType.DATE or column.time_zone is None or has_offset(form):
        return read
    local = read.dt.replace_time_zone(column.time_zone, ambiguous="null", non_existent="null")
    return local.dt.convert_time_zone("UTC")
