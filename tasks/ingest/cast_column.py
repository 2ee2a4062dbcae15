"""One column of text cast to one type. Nothing is rounded, guessed or dropped: a value casts exactly, or is named.

A whole column is cast at once by `values_of`; where that leaves doubts (`is_doubtful`), `look_again` sorts out the few
values that are missing, miscast, or to be cast in another way.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from expectations.contract import Column, ColumnType
from expectations.number_formats import number_format
from tasks.ingest.cast_time import by_first_format, by_format, is_inexact
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
        return by_format(text, column.formats[0], column)
    if column.type is ColumnType.BOOLEAN:
        low = text.str.to_lowercase()
        return pl.when(low.is_in(_TRUE)).then(True).when(low.is_in(_FALSE)).then(False)
    if column.type is ColumnType.STRING:
        return text
    number = _plain(text, column).cast(polars_type(column), strict=False)
    return pl.when(number.is_finite()).then(number) if column.type is ColumnType.FLOAT else number


def is_doubtful(text: pl.Expr, column: Column, null_values: tuple[str, ...]) -> pl.Expr:
    """Which values need a second look: no value, a text that may be read as missing, a decimal that may be rounded."""
    if column.type is ColumnType.STRING:
        return text.is_in(list(null_values)).fill_null(False)
    values = values_of(text, column)
    has_none = values.is_null() & text.is_not_null()
    if column.type in (ColumnType.DATETIME, ColumnType.DATE):
        return has_none | is_inexact(text, values, column.formats[0], column)
    if column.type is ColumnType.DECIMAL:
        return has_none | _may_be_rounded(_plain(text, column), column.scale)
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
        plain = text.to_frame("text").select(_plain(pl.col("text"), column)).to_series()
        done.miscasts.extend(_too_precise(plain, column.scale))
    return done


def _without_value(text: pl.Series, values: pl.Series, column: Column, null_values: tuple[str, ...]) -> CastColumn:
    """The texts that did not cast: missing, of another format, good without the blanks around them, or miscast."""
    look = _closer_look(column, null_values)
    # One query, since most of what a second look costs is asking for it.
    left = (
        pl.LazyFrame({"text": text, "value": values})
        .with_row_index("row")
        .filter(look.is_left)
        .with_columns(look.bare)
        .with_columns(look.again, look.is_special)
        .with_columns(look.is_good, look.is_stripped)
        .collect()
    )
    if not left.height:
        return CastColumn(values, [])
    rows, is_good, is_special = left["row"], left["is_good"], left["is_special"]
    if is_good.any():
        values = values.scatter(rows.filter(is_good), left["again"].filter(is_good))
    found = [
        Miscast(look.special_code, rows.filter(~is_good & is_special)),
        Miscast(f"cast_{column.type}", rows.filter(~is_good & ~is_special)),
    ]
    miscasts = [miscast for miscast in found if len(miscast.rows)]
    return CastColumn(values, miscasts, int((left["is_stripped"] & is_good).sum()))


class _CloserLook(NamedTuple):
    """What is asked of the texts that did not cast, in this order; of `row`, `text` and `value`."""

    is_left: pl.Expr  # neither cast nor missing
    bare: pl.Expr
    again: pl.Expr
    is_special: pl.Expr
    special_code: str
    is_good: pl.Expr
    is_stripped: pl.Expr


@lru_cache(maxsize=1024)
def _closer_look(column: Column, null_values: tuple[str, ...]) -> _CloserLook:
    whole, bare, missing = pl.col("text"), pl.col("bare"), list(null_values)
    doubt = pl.col("value").is_null()
    if column.formats:
        doubt |= is_inexact(whole, pl.col("value"), column.formats[0], column)
    special = _special(column)
    return _CloserLook(
        doubt & whole.is_not_null() & ~whole.is_in(missing),
        whole.str.strip_chars(_BLANKS).alias("bare"),
        _by_any_format(bare, column).alias("again"),
        special.test.alias("is_special"),
        special.code,
        (pl.col("again").is_not_null() | bare.is_in(missing)).alias("is_good"),
        (bare != whole).alias("is_stripped"),
    )


class _Special(NamedTuple):
    """A reason of its own for some of the texts that do not cast."""

    code: str
    test: pl.Expr


def _special(column: Column) -> _Special:
    bare = pl.col("bare")
    if column.type is ColumnType.INTEGER:
        return _Special("integer_out_of_range", _plain(bare, column).str.contains(r"^[+-]?[0-9]+$"))
    if column.type is ColumnType.DATETIME and column.time_zone:
        local = column.model_copy(update={"time_zone": None})
        return _Special("ambiguous_datetime", _by_any_format(bare, local).is_not_null())
    return _Special("", pl.lit(False))


def _by_any_format(text: pl.Expr, column: Column) -> pl.Expr:
    return by_first_format(text, column) if column.formats else values_of(text, column)


def _plain(text: pl.Expr, column: Column) -> pl.Expr:
    """Numbers as `1234.56`; null where they are not written as the contract says."""
    if column.number_format is None:
        return text
    form = number_format(column.number_format)
    digits = text.str.replace_all(f"[{form.marks}]", "") if form.marks else text
    return pl.when(text.str.contains(form.pattern)).then(digits.str.replace(form.point, ".", literal=True))


def _may_be_rounded(text: pl.Expr, scale: int) -> pl.Expr:
    """Which decimals may have been rounded: of most the place of the point says that they were not, much quicker.

    Where just `scale` characters follow the point, a number has no more digits there, but by an exponent below zero.
    """
    letters = text.cast(pl.Binary).bin
    below_zero = [letters.get(-place, null_on_oob=True) == ord("-") for place in range(2, scale)]
    has_point = letters.get(-scale - 1, null_on_oob=True) == ord(".")
    is_exact = pl.all_horizontal(has_point, *(~minus for minus in below_zero))
    return pl.when(is_exact).then(None).otherwise(text).str.find(_past_scale(scale)).is_not_null()


def _past_scale(scale: int) -> str:
    """A pattern that finds every decimal whose cast may have been rounded."""
    return rf"(?-u)[.][0-9]{{{scale + 1}}}|[eE]"


def _too_precise(text: pl.Series, scale: int) -> list[Miscast]:
    """Decimals that the cast has rounded: digits past the scale that are not zeros, or an exponent that hides some."""
    left = text.to_frame("text").with_row_index("row").lazy().filter(_may_lose_digits(scale)).collect()
    is_rounded = [_is_rounded(value.strip(_BLANKS), scale) for value in left["text"]]
    return [Miscast("decimal_too_precise", left["row"].filter(is_rounded))] if any(is_rounded) else []


@lru_cache(maxsize=1024)
def _may_lose_digits(scale: int) -> pl.Expr:
    text = pl.col("text")
    is_exact = text.str.strip_chars(_BLANKS).str.contains(rf"^[+-]?[0-9]*\.[0-9]{{{scale}}}0*$")
    return text.str.contains(_past_scale(scale)) & ~is_exact


def _is_rounded(value: str, scale: int) -> bool:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False  # no number at all: a miscast of its own
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent > scale
