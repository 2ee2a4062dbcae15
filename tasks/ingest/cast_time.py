"""Text as dates and datetimes, by stated formats: as it stands there, or not at all."""

from __future__ import annotations

import re

import polars as pl

from expectations.contract import Column, ColumnType
from expectations.time_formats import has_offset

# The years 1 and 1000, and the end of 9999, as Polars counts: in days, and in microseconds.
_DAYS = (-719_162, -354_285, 2_932_896)
_MICROSECONDS = (-62_135_596_800_000_000, -30_610_224_000_000_000, 253_402_300_799_999_999)
_FRACTION = re.compile(r"%[.]?[0-9]?f")
_FOUR_DIGITS = r"(?:^|[^0-9])0[0-9]{3}(?:[^0-9]|$)"  # of a year before 1000
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
        placed = pl.when(~_is_other(text, read, form, column)).then(_placed(read, form, column))
        value = pl.when(read.is_not_null()).then(placed).otherwise(value)
    return value


def is_inexact(text: pl.Expr, read: pl.Expr, form: str, column: Column) -> pl.Expr:
    """Which texts may have been read as something else: a sixtieth second, `26` as the year 26, lost digits.

    Of years before 1000 all are named, also those that are written out: `by_first_format` tells them apart.

    Args:
        text: the column.
        read: what `by_format` made of it; null is null.
        form: the format.
        column: its type.
    """
    _, first, last = _bounds(column)
    return _any([~read.to_physical().is_between(first, last), *_lost(text, form)])


def _is_other(text: pl.Expr, read: pl.Expr, form: str, column: Column) -> pl.Expr:
    """Which texts were read as something else."""
    is_early = read.to_physical() < _bounds(column)[1]
    is_short = ~pl.when(is_early).then(text).str.contains(_FOUR_DIGITS)
    return _any([~is_in_calendar(read, column), is_short, *_lost(text, form)])


def _lost(text: pl.Expr, form: str) -> list[pl.Expr]:
    """Which texts hold what the format forgets."""
    lost = []
    if form.endswith(("%S", "%T")):
        lost.append(text.str.ends_with("60"))
    elif "%S" in form or "%T" in form:
        lost.append(text.str.contains(_SIXTY))
    if _FRACTION.search(form):
        lost.append(text.str.contains(_TOO_FINE))
    return lost


def _any(tests: list[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(tests).fill_null(False)


def is_in_calendar(values: pl.Expr, column: Column) -> pl.Expr:
    """Which dates or datetimes are of a year from 1 to 9999, as all engines have them."""
    first, _, last = _bounds(column)
    return values.to_physical().is_between(first, last)


def _bounds(column: Column) -> tuple[int, int, int]:
    return _DAYS if column.type is ColumnType.DATE else _MICROSECONDS


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
