"""Values from a suite, made comparable with a column's type without losing a digit.

JSON knows no dates and no decimals: a suite says "2026-01-31" or 0.1, and means what the column holds.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl
from dateutil.parser import parse as parse_date


class IncomparableError(TypeError):
    """A suite compares a column with something that its type cannot be compared with."""


def bound(value: Any, dtype: pl.DataType) -> Any:
    """A lower or upper bound for a column of this type.

    Raises:
        IncomparableError: the two have no order between them.
    """
    if dtype.is_temporal():
        return temporal(value, dtype)
    is_text = isinstance(value, str)
    if is_text != _holds_text(dtype):
        raise IncomparableError(f"a {dtype} column cannot be compared with {type(value).__name__} {value!r}")
    if dtype.is_decimal() and isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    return value


def lower(column: pl.Expr, value: Any, dtype: pl.DataType, *, strict: bool) -> pl.Expr:
    """`column` is at least `value` (above it where strict), exact for whole numbers beyond 2**53."""
    limit = bound(value, dtype)
    if dtype.is_integer() and isinstance(limit, float) and math.isfinite(limit):
        is_whole = limit == math.floor(limit)
        limit, strict = math.ceil(limit), strict and is_whole
    if dtype.is_integer() and isinstance(limit, int):
        return _whole_lower(column, limit + strict, dtype)
    return column > pl.lit(limit) if strict else column >= pl.lit(limit)


def upper(column: pl.Expr, value: Any, dtype: pl.DataType, *, strict: bool) -> pl.Expr:
    """`column` is at most `value` (below it where strict), exact for whole numbers beyond 2**53."""
    limit = bound(value, dtype)
    if dtype.is_integer() and isinstance(limit, float) and math.isfinite(limit):
        is_whole = limit == math.floor(limit)
        limit, strict = math.floor(limit), strict and is_whole
    if dtype.is_integer() and isinstance(limit, int):
        return ~_whole_lower(column, limit + (not strict), dtype)
    return column < pl.lit(limit) if strict else column <= pl.lit(limit)


def _whole_lower(column: pl.Expr, limit: int, dtype: pl.DataType) -> pl.Expr:
    """`column` is at least the whole number `limit`, which need not fit the column's type."""
    least, most = _integer_range(dtype)
    if limit <= least:
        return column.is_not_null()
    if limit > most:
        return column.is_null()
    return column >= pl.lit(limit, dtype)


def _integer_range(dtype: pl.DataType) -> tuple[int, int]:
    low, high = pl.select(low=dtype.min(), high=dtype.max()).row(0)  # type: ignore[attr-defined]  # integers have both
    return int(low), int(high)


def temporal(value: Any, dtype: pl.DataType) -> Any:
    """A date, time or duration from what a suite can say.

    Text is read as a date; an aware time is moved to the column's zone, a naive one is taken to be in it.
    """
    if isinstance(dtype, pl.Duration | pl.Time):
        return value
    if isinstance(value, str):
        value = parse_date(value)
    if not isinstance(value, dt.date):
        raise IncomparableError(f"a {dtype} column cannot be compared with {type(value).__name__} {value!r}")
    moment = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001  # naive on purpose
    if isinstance(dtype, pl.Date):
        is_midnight = moment.time() == dt.time() and moment.tzinfo is None
        return moment.date() if is_midnight else moment.replace(tzinfo=None)
    return _in_zone(moment, getattr(dtype, "time_zone", None))


def _in_zone(moment: dt.datetime, zone: str | None) -> Any:
    if zone is None:
        return moment.replace(tzinfo=None) if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
    literal = pl.Series([moment])
    if moment.tzinfo is None:
        return literal.dt.replace_time_zone(zone, ambiguous="earliest")[0]
    return literal.dt.convert_time_zone(zone)[0]


def members(values: Iterable[Any], dtype: pl.DataType) -> pl.Series:
    """Those of a suite's values that a column of this type can hold at all, in the column's own type.

    What it cannot hold can be in no row, so leaving it out changes nothing: 1.5 among integers, text among numbers,
    one digit more than a decimal has.
    """
    kept = [fitted for value in values if (fitted := _fitted(value, dtype)) is not None]
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return pl.Series(kept, dtype=pl.String)
    return pl.Series(kept, dtype=dtype, strict=False).drop_nulls()


def _fitted(value: Any, dtype: pl.DataType) -> Any:  # noqa: PLR0911  # one line a type
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if dtype.is_temporal():
        return _fitted_temporal(value, dtype)
    if _holds_text(dtype):
        return value if isinstance(value, str) else None
    if isinstance(dtype, pl.Boolean):
        return bool(value) if isinstance(value, bool | int | float) and value in (0, 1) else None
    if dtype.is_integer():
        return _fitted_integer(value, dtype)
    if dtype.is_decimal():
        return _fitted_decimal(value, dtype)
    if dtype.is_float():
        return float(value) if isinstance(value, bool | int | float | Decimal) else None
    return value


def _fitted_temporal(value: Any, dtype: pl.DataType) -> Any:
    try:
        fitted = temporal(value, dtype)
    except (ValueError, TypeError, OverflowError):
        return None
    return None if isinstance(dtype, pl.Date) and isinstance(fitted, dt.datetime) else fitted


def _fitted_integer(value: Any, dtype: pl.DataType) -> int | None:
    if not isinstance(value, bool | int | float | Decimal) or value != value // 1:
        return None
    least, most = _integer_range(dtype)
    return int(value) if least <= value <= most else None


def _fitted_decimal(value: Any, dtype: pl.DataType) -> Decimal | None:
    if not isinstance(value, bool | int | float | Decimal) or not math.isfinite(value):
        return None
    exact = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else int(value))
    scale: int = dtype.scale  # type: ignore[attr-defined]  # decimals have one
    return exact if exact == round(exact, scale) else None


def _holds_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)
