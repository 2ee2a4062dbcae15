"""Numbers as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.report.numbers import Numbers

N = Numbers()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234567.0, "1,234,567"),
        (12345.6, "12,346"),
        (123.456, "123.5"),
        (1.23456, "1.235"),
        (0.00123456, "0.001235"),
        (2.5e-7, "2.5e−07"),
        (-1.5, "−1.5"),
        (float("nan"), "not a number"),
        (float("-inf"), "−∞"),
        (1e30, "1.000e+30"),
    ],
)
def test_real(value: float, text: str) -> None:
    assert N.real(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50.0 %"), (0.00001, "<0.1 %"), (0.99999, ">99.9 %"), (0.123456, "12.3 %")],
)
def test_share_is_never_none_or_all_where_it_is_not(value: float, text: str) -> None:
    assert N.share(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0421, "42.1 ms"),
        (4.24, "4.2 s"),
        (59.97, "1 min"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (273600, "3 d 4 h"),
        (-60, "−1 min"),
        (86_400 * 2000, "2,000 d"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert N.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (True, "yes"),
        (12_345, "12,345"),
        (Decimal("1234.50"), "1,234.50"),
        (timedelta(minutes=3), "3 min"),
        (datetime(2026, 9, 22, 8, 15, tzinfo=UTC), "2026-09-22 08:15:00 UTC"),
        (date(2026, 9, 22), "2026-09-22"),
        ("text", "text"),
    ],
)
def test_any_value(value: Any, text: str) -> None:
    assert N.value(value) == text


def test_marks_of_another_language() -> None:
    assert Numbers(group=".", point=",").exact(Decimal("-1234567.8")) == "−1.234.567,8"


SIZES = [(0, "0 bytes"), (999, "999 bytes"), (3_400_000, "3.4 MB"), (10**16, "10,000 TB")]


@pytest.mark.parametrize(("size", "text"), SIZES)
def test_size(size: int, text: str) -> None:
    assert N.size(size) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_real_is_right_to_four_digits(value: float) -> None:
    text = N.real(value).replace(",", "").replace("−", "-")
    assert float(text) == pytest.approx(value, rel=0.05 if abs(value) < 1e-4 else 0.0006, abs=1e-300)
