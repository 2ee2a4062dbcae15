"""One column of text cast to one type. Nothing is rounded, guessed or dropped: a value casts exactly, or is named."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import polars as pl

from expectations.contract import Column, ColumnType
from tasks.landed import polars_type

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")

_Caster = Callable[[pl.Series], pl.Series]  # text to values, null where a text does not cast


class Miscast(NamedTuple):
    """Some rows of a column whose text does not cast, for one reason."""

    code: str
    rows: pl.Series


class CastColumn(NamedTuple):
    """A column after the cast. Values named in `miscasts` are null (or not to be used)."""

    values: pl.Series
    miscasts: list[Miscast]
    blanks_stripped: int = 0


def cast_column(text: pl.Series, column: Column, null_values: tuple[str, ...]) -> CastColumn:
    """Cast one column of text.

    Args:
        text: the column, String; null where a record lacks it.
        column: its type, formats, scale and zone.
        null_values: the texts read as missing.
    """
    if column.type is ColumnType.STRING:
        return CastColumn(_without_nulls(text, null_values), [])
    cast = _caster(column)
    values = cast(text)
    done = CastColumn(values, [])
    if values.null_count() > text.null_count():
        done = _look_again(text, values, cast, column, null_values)
    if column.type is ColumnType.DECIMAL:
        done.miscasts.extend(_too_precise(text, column.scale))
    return done


def _without_nulls(text: pl.Series, null_values: tuple[str, ...]) -> pl.Series:
    """The text with what is read as missing made null. Only texts short enough are compared: most are not."""
    longest = max((len(value.encode()) for value in null_values), default=-1)
    is_short = (text.str.len_bytes() <= longest).fill_null(False)
    if not is_short.any():
        return text
    places = is_short.arg_true()
    is_null = text.gather(places).is_in(list(null_values))
    return text.scatter(places.filter(is_null), None) if is_null.any() else text


def _look_again(
    text: pl.Series, values: pl.Series, cast: _Caster, column: Column, null_values: tuple[str, ...]
) -> CastColumn:
    """Sort out the texts that did not cast: missing, good without the blanks around them, or miscast."""
    rows = (values.is_null() & text.is_not_null()).arg_true()
    left = text.gather(rows)
    is_wrong = ~left.is_in(list(null_values))
    rows, left = rows.filter(is_wrong), left.filter(is_wrong)
    if not len(rows):
        return CastColumn(values, [])
    bare = left.str.strip_chars(" \t")
    is_padded = bare != left
    stripped = cast(bare)
    is_good = is_padded & (stripped.is_not_null() | bare.is_in(list(null_values)))
    if is_good.any():
        values = values.scatter(rows.filter(is_good), stripped.filter(is_good))
    return CastColumn(values, _named(rows.filter(~is_good), bare.filter(~is_good), column), int(is_good.sum()))


def _named(rows: pl.Series, text: pl.Series, column: Column) -> list[Miscast]:
    """The reason for each text that does not cast."""
    code, special = f"cast_{column.type}", None
    if column.type is ColumnType.INTEGER:
        special = "integer_out_of_range"
        is_special = text.str.contains(r"^[+-]?[0-9]+$")
    elif column.type is ColumnType.DATETIME and column.time_zone:
        special = "ambiguous_datetime"
        is_special = _datetime_caster(column.model_copy(update={"time_zone": None}))(text).is_not_null()
    if special is None:
        return [Miscast(code, rows)] if len(rows) else []
    found = [Miscast(special, rows.filter(is_special)), Miscast(code, rows.filter(~is_special))]
    return [miscast for miscast in found if len(miscast.rows)]


def _caster(column: Column) -> _Caster:
    if column.type is ColumnType.BOOLEAN:
        return _to_boolean
    if column.type is ColumnType.FLOAT:
        return _to_finite
    if column.type in (ColumnType.DATETIME, ColumnType.DATE):
        return _datetime_caster(column)
    kind = polars_type(column)
    return lambda text: text.cast(kind, strict=False)


def _to_boolean(text: pl.Series) -> pl.Series:
    low = text.str.to_lowercase()
    is_true = low.is_in(_TRUE)
    return is_true.set(~is_true & ~low.is_in(_FALSE), None)


def _to_finite(text: pl.Series) -> pl.Series:
    """Numbers; `nan` and `inf` are texts, not numbers."""
    values = text.cast(pl.Float64, strict=False)
    is_finite = values.is_finite()
    return values if is_finite.all() else values.set(~is_finite, None)


def _datetime_caster(column: Column) -> _Caster:
    kind = pl.Date() if column.type is ColumnType.DATE else pl.Datetime("us")

    def cast(text: pl.Series) -> pl.Series:
        values = _by_format(text, column.formats[0], kind, column.time_zone)
        for form in column.formats[1:]:
            missing = (values.is_null() & text.is_not_null()).arg_true()
            if not len(missing):
                break
            values = values.scatter(missing, _by_format(text.gather(missing), form, kind, column.time_zone))
        return values

    return cast


def _by_format(text: pl.Series, form: str, kind: pl.DataType, zone: str | None) -> pl.Series:
    if isinstance(kind, pl.Date):
        return text.str.to_date(form, strict=False, cache=False)
    if "%z" in form or "%#z" in form or "%:z" in form:
        values = text.str.to_datetime(form, strict=False, cache=False, time_unit="us", time_zone="UTC")
        return values if zone else values.dt.replace_time_zone(None)
    values = text.str.to_datetime(form, strict=False, cache=False, time_unit="us")
    if zone is None:
        return values
    local = values.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _too_precise(text: pl.Series, scale: int) -> list[Miscast]:
    """Decimals that the cast has rounded: digits past the scale that are not zeros, or an exponent that hides some."""
    is_suspect = text.str.contains(rf"\.[0-9]{{{scale + 1}}}|[eE]").fill_null(False)
    if not is_suspect.any():
        return []
    rows = is_suspect.arg_true()
    left = text.gather(rows)
    is_plain = left.str.contains(rf"^[ \t]*[+-]?[0-9]*\.[0-9]{{{scale}}}0*[ \t]*$")
    rows, left = rows.filter(~is_plain), left.filter(~is_plain)
    is_rounded = pl.Series([_is_rounded(value, scale) for value in left], dtype=pl.Boolean)
    return [Miscast("decimal_too_precise", rows.filter(is_rounded))] if is_rounded.any() else []


def _is_rounded(value: str, scale: int) -> bool:
    try:
        number = Decimal(value.strip(" \t"))
    except InvalidOperation:
        return False  # no number at all: a miscast of its own
    if not number.is_finite():
        return False
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent > scale
