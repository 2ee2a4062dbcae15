"""Columns that come with a type of their own (from Parquet) as the contract's type: exactly, or named as a miscast."""

from __future__ import annotations

import json

import polars as pl

from expectations.contract import Column, ColumnType
from tasks.ingest.cast_column import CastColumn, Miscast, is_doubtful, look_again, values_of
from tasks.ingest.cast_time import is_in_calendar
from tasks.landed import polars_type


def retyped(values: pl.Series, column: Column, null_values: tuple[str, ...]) -> CastColumn:
    """Cast a typed column; what the contract's type cannot hold exactly is a miscast.

    Where there is no straight way between the types, the values are cast from their text.
    """
    done = _straight(values, column)
    if done is None:
        plain = column.model_copy(update={"number_format": None})  # no number of these comes as text
        return _through_text(as_text(values), plain, null_values)
    if column.formats:
        done = done.to_frame().select(pl.when(is_in_calendar(pl.first(), column)).then(pl.first())).to_series()
    is_lost = done.is_null() & values.is_not_null()
    return CastColumn(done, [Miscast(code, rows) for code, rows in _named(values, is_lost, column) if len(rows)])


def _named(values: pl.Series, is_lost: pl.Series, column: Column) -> list[tuple[str, pl.Series]]:
    """The reason for each value that has no place in the contract's type."""
    usual, rows = f"cast_{column.type}", is_lost.arg_true()
    if column.type is not ColumnType.DATETIME or not isinstance(values.dtype, pl.Datetime):
        return [(usual, rows)]
    if values.dtype.time_zone and not column.time_zone:
        return [("unexpected_time_zone", rows)]
    elsewhere = _moments(values, column.model_copy(update={"time_zone": None}))
    is_local = is_lost & elsewhere.is_not_null() & pl.repeat(bool(column.time_zone), len(values), eager=True)
    return [("ambiguous_datetime", is_local.arg_true()), (usual, (is_lost & ~is_local).arg_true())]


def _straight(values: pl.Series, column: Column) -> pl.Series | None:
    """The values cast without a detour, null where that would change them; None if there is no such way."""
    kind, wanted = values.dtype, polars_type(column)
    if kind == pl.Null or (kind == wanted and not kind.is_float()):
        return values.cast(wanted)
    if column.type is ColumnType.DATETIME and kind.is_temporal() and kind not in (pl.Time, pl.Duration):
        return _moments(values, column)
    is_exact_number = kind.is_integer() or kind.is_decimal()
    if column.type in (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT) and is_exact_number:
        return _same_number(values, wanted)
    if column.type is ColumnType.DATE and isinstance(kind, pl.Datetime):
        return _midnights(values)
    return None


def _same_number(values: pl.Series, wanted: pl.DataType) -> pl.Series:
    done = values.cast(wanted, strict=False)
    back = done.cast(values.dtype, strict=False)
    return done.set((back != values).fill_null(False), None)


def _midnights(values: pl.Series) -> pl.Series:
    days = values.dt.date()
    return days.set((days.cast(pl.Datetime("us")) != values.dt.replace_time_zone(None)).fill_null(False), None)


def _moments(values: pl.Series, column: Column) -> pl.Series:
    """Moments in microseconds; null where nanoseconds or a zone would be lost, or the local time is not one."""
    moments = values.cast(pl.Datetime("us", getattr(values.dtype, "time_zone", None)))
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_unit == "ns":
        moments = moments.set((moments.cast(values.dtype) != values).fill_null(False), None)
    if getattr(moments.dtype, "time_zone", None):
        if not column.time_zone:
            return pl.repeat(None, len(moments), dtype=pl.Datetime("us"), eager=True)
        moments = moments.dt.convert_time_zone("UTC")
    elif column.time_zone:
        local = moments.to_frame().select(
            pl.first().dt.replace_time_zone(column.time_zone, ambiguous="null", non_existent="null")
        )
        moments = local.to_series().dt.convert_time_zone("UTC")
    return moments


def _through_text(text: pl.Series, column: Column, null_values: tuple[str, ...]) -> CastColumn:
    cell = pl.col(text.name)
    first = text.to_frame().select(
        values_of(cell, column).alias("values"), is_doubtful(cell, column, null_values).alias("doubt")
    )
    if first["doubt"].any():
        return look_again(text, first["values"], column, null_values)
    return CastColumn(first["values"], [])


def as_text(values: pl.Series) -> pl.Series:
    """Any values as text that says all of them; text stays what it is."""
    kind = values.dtype
    if kind.is_nested():
        return pl.Series(
            values.name, [None if value is None else _json(value) for value in values.to_list()], pl.String
        )
    if kind == pl.Binary:
        texts = [None if value is None else value.decode("utf-8", "backslashreplace") for value in values.to_list()]
        return pl.Series(values.name, texts, pl.String)
    if kind.is_float():
        return _shortest(values)
    if kind == pl.Duration:
        return values.dt.to_string("iso")
    return values.cast(pl.String)


def _shortest(values: pl.Series) -> pl.Series:
    """Floats with as few digits as tell them apart; those that are whole without a point."""
    whole = values.cast(pl.Int64, strict=False)
    is_whole = (whole.cast(values.dtype) == values).fill_null(False)
    return values.cast(pl.String).zip_with(~is_whole, whole.cast(pl.String))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
