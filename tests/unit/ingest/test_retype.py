from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from expectations.contract import Column
from tasks.ingest.retype import retyped


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc,arg-type]  # year, month, day are there


def retype(values: list[Any], kind: Any, **column: Any) -> tuple[list[Any], list[str]]:
    done = retyped(pl.Series("x", values, kind), Column.model_validate(column), ("", "NaN"))
    return done.values.to_list(), [f"{miscast.code} {row}" for miscast in done.miscasts for row in miscast.rows]


@pytest.mark.parametrize(
    ("values", "kind", "column", "expected"),
    [
        ([1, None], pl.Int32, {"type": "integer"}, [1, None]),
        ([1.0, 2.0], pl.Float64, {"type": "integer"}, [1, 2]),
        ([1, 2**53 + 1], pl.Int64, {"type": "string"}, ["1", "9007199254740993"]),
        ([0.1, 12.0], pl.Float64, {"type": "decimal"}, [Decimal("0.10"), Decimal("12.00")]),
        ([Decimal("1.500")], pl.Decimal(10, 3), {"type": "decimal"}, [Decimal("1.50")]),
        ([1, 2], pl.UInt8, {"type": "float"}, [1.0, 2.0]),
        ([1.5, float("nan")], pl.Float64, {"type": "float"}, [1.5, None]),
        ([True, None], pl.Boolean, {"type": "boolean"}, [True, None]),
        ([date(2024, 1, 5)], pl.Date, {"type": "datetime", "formats": ["%d.%m.%Y"]}, [moment(2024, 1, 5)]),
        ([moment(2024, 1, 5)], pl.Datetime("ns"), {"type": "date", "formats": ["%d.%m.%Y"]}, [date(2024, 1, 5)]),
        (["05.01.2024"], pl.String, {"type": "date", "formats": ["%d.%m.%Y"]}, [date(2024, 1, 5)]),
        ([[1, 2]], pl.List(pl.Int64), {"type": "string"}, ["[1, 2]"]),
        ([None], pl.Null, {"type": "integer"}, [None]),
        ([timedelta(hours=1)], pl.Duration("us"), {"type": "string"}, ["PT1H"]),
        (
            [moment(2024, 7, 1, 12)],
            pl.Datetime("us"),
            {"type": "datetime", "formats": ["%Y"], "time_zone": "Europe/Berlin"},
            [datetime(2024, 7, 1, 10, tzinfo=UTC)],
        ),
    ],
)
def test_values_stay_what_they_are(values: list[Any], kind: Any, column: dict[str, Any], expected: list[Any]) -> None:
    assert retype(values, kind, **column) == (expected, [])


@pytest.mark.parametrize(
    ("values", "kind", "column", "code"),
    [
        ([1.5], pl.Float64, {"type": "integer"}, "cast_integer 0"),
        ([2**64 - 1], pl.UInt64, {"type": "integer"}, "cast_integer 0"),
        ([2**53 + 1], pl.Int64, {"type": "float"}, "cast_float 0"),
        ([float("inf")], pl.Float64, {"type": "float"}, "cast_float 0"),
        ([12.345], pl.Float64, {"type": "decimal"}, "decimal_too_precise 0"),
        ([Decimal("1.505")], pl.Decimal(10, 3), {"type": "decimal"}, "cast_decimal 0"),
        ([7], pl.Int64, {"type": "boolean"}, "cast_boolean 0"),
        ([moment(2024, 1, 5, 1)], pl.Datetime("us"), {"type": "date", "formats": ["%Y"]}, "cast_date 0"),
        ([time(1)], pl.Time, {"type": "datetime", "formats": ["%Y"]}, "cast_datetime 0"),
    ],
)
def test_what_would_change_is_named(values: list[Any], kind: Any, column: dict[str, Any], code: str) -> None:
    assert retype(values, kind, **column)[1] == [code]


def test_nanoseconds_are_not_dropped() -> None:
    values = pl.Series([1_704_445_200_000_000_001, 1_704_445_200_000_001_000]).cast(pl.Datetime("ns"))
    done = retyped(values, Column.model_validate({"type": "datetime", "formats": ["%Y"]}), ())
    assert [(miscast.code, miscast.rows.to_list()) for miscast in done.miscasts] == [("cast_datetime", [0])]
