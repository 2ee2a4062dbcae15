"""One column of text cast to one type. Nothing is rounded, guessed or dropped: a value casts exactly, or is named.

A whole column is cast at once by `values_of`; where that leaves doubts (`is_doubtful`), `look_again` sorts out the few
values that are missing, miscast, or to be cast in another way.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import polars as pl

from expectations.contract import Column, ColumnType
from tasks.landed import polars_type

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_BLANKS = " \t"


class Miscast(NamedTuple):
    """Some rows of a column whose text does not cast, for one reason."""

    code: str
    rows: pl.Series


class CastColumn(NamedTuple):
    """A column after the cast. What `miscasts` names is not to be used."""

    values: pl.Series
    miscasts: list[Miscast]
    blanks_stripped: int = 0


def values_of(text: pl.Expr, column: Column) -> pl.Expr:
    """Text cast to the column's type (by the first of its formats); null where it does not cast."""
    if column.type in (ColumnType.DATETIME, ColumnType.DATE):
        return _by_format(text, column.formats[0], column)
    if column.type is ColumnType.BOOLEAN:
        low = text.str.to_lowercase()
        return pl.when(low.is_in(_TRUE)).then(True).when(low.is_in(_FALSE)).then(False)
    if column.type is ColumnType.FLOAT:
        number = text.cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number)
    return text if column.type is ColumnType.STRING else text.cast(polars_type(column), strict=False)


def is_doubtful(text: pl.Expr, column: Column, null_values: tuple[str, ...]) -> pl.Expr:
    """Which values need a second look: no value, a text that may be read as missing, a decimal that may be rounded."""
    if column.type is ColumnType.STRING:
        return text.is_in(list(null_values)).fill_null(False)
    has_none = values_of(text, column).is_null() & text.is_not_null()
    if column.type is ColumnType.DECIMAL:
        return has_none | text.str.contains(_past_scale(column.scale)).fill_null(False)
    return has_none


def look_again(text: pl.Series, values: pl.Series, column: Column, null_values: tuple[str, ...]) -> CastColumn:
    """Sort out what the first cast left in doubt.

    Args:
        text: the column, String; null where a record lacks it.
        values: what `values_of` made of it.
        column: its type, formats, scale and zone.
        null_values: the texts read as missing.
    """
    if column.type is ColumnType.STRING:
        is_missing = text.is_in(list(null_values)).fill_null(False)
        return CastColumn(text.set(is_missing, None), [])
    done = _without_value(text, values, column, null_values)
    if column.type is ColumnType.DECIMAL:
        done.miscasts.extend(_too_precise(text, column.scale))
    return done


def _without_value(text: pl.Series, values: pl.Series, column: Column, null_values: tuple[str, ...]) -> CastColumn:
    """The texts that did not cast: missing, of another format, good without the blanks around them, or miscast."""
    rows = (values.is_null() & text.is_not_null()).arg_true()
    left = text.gather(rows)
    is_wrong = ~left.is_in(list(null_values))
    rows, left = rows.filter(is_wrong), left.filter(is_wrong)
    if not len(rows):
        return CastColumn(values, [])
    bare = left.str.strip_chars(_BLANKS)
    again = _by_any_format(bare, column)
    is_good = again.is_not_null() | bare.is_in(list(null_values))
    if is_good.any():
        values = values.scatter(rows.filter(is_good), again.filter(is_good))
    stripped = int((is_good & (bare != left)).sum())
    return CastColumn(values, _named(rows.filter(~is_good), bare.filter(~is_good), column), stripped)


def _by_any_format(text: pl.Series, column: Column) -> pl.Series:
    whole = pl.col(text.name)
    ways = [_by_format(whole, form, column) for form in column.formats] or [values_of(whole, column)]
    return text.to_frame().select(pl.coalesce(ways)).to_series()


def _named(rows: pl.Series, text: pl.Series, column: Column) -> list[Miscast]:
    """The reason for each text that does not cast."""
    code, special, is_special = f"cast_{column.type}", "", pl.repeat(False, len(rows), eager=True)
    if column.type is ColumnType.INTEGER:
        special, is_special = "integer_out_of_range", text.str.contains(r"^[+-]?[0-9]+$")
    elif column.type is ColumnType.DATETIME and column.time_zone:
        local = column.model_copy(update={"time_zone": None})
        special, is_special = "ambiguous_datetime", _by_any_format(text, local).is_not_null()
    found = [Miscast(special, rows.filter(is_special)), Miscast(code, rows.filter(~is_special))]
    return [miscast for miscast in found if len(miscast.rows)]


def _by_format(text: pl.Expr, form: str, column: Column) -> pl.Expr:
    if column.type is ColumnType.DATE:
        return text.str.to_date(form, strict=False, cache=False)
    has_offset = "%z" in form or "%:z" in form or "%#z" in form
    zone = "UTC" if has_offset else None
    values = text.str.to_datetime(form, strict=False, cache=False, time_unit="us", time_zone=zone)
    if has_offset:
        return values if column.time_zone else values.dt.replace_time_zone(None)
    if column.time_zone is None:
        return values
    local = values.dt.replace_time_zone(column.time_zone, ambiguous="null", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _past_scale(scale: int) -> str:
    """A pattern that finds every decimal whose cast may have been rounded."""
    return rf"(?-u)[.][0-9]{{{scale + 1}}}|[eE]"


def _too_precise(text: pl.Series, scale: int) -> list[Miscast]:
    """Decimals that the cast has rounded: digits past the scale that are not zeros, or an exponent that hides some."""
    rows = text.str.contains(_past_scale(scale)).fill_null(False).arg_true()
    left = text.gather(rows).str.strip_chars(_BLANKS)
    is_exact = left.str.contains(rf"^[+-]?[0-9]*\.[0-9]{{{scale}}}0*$")
    rows, left = rows.filter(~is_exact), left.filter(~is_exact)
    is_rounded = pl.Series([_is_rounded(value, scale) for value in left], dtype=pl.Boolean)
    return [Miscast("decimal_too_precise", rows.filter(is_rounded))] if is_rounded.any() else []


def _is_rounded(value: str, scale: int) -> bool:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False  # no number at all: a miscast of its own
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent > scale
