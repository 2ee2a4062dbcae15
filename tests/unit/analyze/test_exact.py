"""Exact sums: digits put together again are the numbers they were cut from, and deviations are those of the numbers."""

from __future__ import annotations

import statistics
from fractions import Fraction

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.analyze.exact import deviation, digits_of, scaled, shown, shown_all

TOPS = st.sampled_from([1, 2**7, 2**20 - 1, 2**37, 2**50])


def added_up(numbers: list[int], top: int, rows: int) -> pl.DataFrame:
    """The sums of some numbers, with digits as for `rows` rows."""
    digits = digits_of("x", top, rows, with_squares=True)
    frame = nw.from_native(pl.DataFrame({"x": numbers}, schema={"x": pl.Int64}).lazy())
    summed = frame.select(column.sum().alias(name) for name, column in digits.columns(nw.col("x")).items())
    return digits.sums(summed.to_native().collect()).with_columns(pl.lit(len(numbers)).alias("x_n"))


@settings(deadline=None)
@given(data=st.data(), top=TOPS, rows=st.sampled_from([100, 10**7, 6 * 10**7]))
def test_sums_and_squares_are_exact(data: st.DataObject, top: int, rows: int) -> None:
    numbers = data.draw(st.lists(st.integers(0, top), max_size=20))
    row = added_up(numbers, top, rows).row(0, named=True)
    assert row["x_sum"] == sum(numbers)
    assert row["x_squares"] == sum(number * number for number in numbers)


@settings(deadline=None)
@given(data=st.data(), top=TOPS)
def test_deviations_are_those_of_the_numbers(data: st.DataObject, top: int) -> None:
    numbers = data.draw(st.lists(st.integers(0, top), min_size=2, max_size=20))
    found = added_up(numbers, top, 10**7).select(deviation("x")).item()
    assert found == pytest.approx(statistics.stdev(map(Fraction, numbers)), rel=1e-14)


def test_digits_cannot_overflow_when_every_row_is_the_largest() -> None:
    top, rows = 2**50, 2**26
    digits = digits_of("x", top, rows, with_squares=True)
    largest_digit = 2**digits.bits - 1
    assert rows * largest_digit**2 < 2**63
    assert digits.bits * digits.count >= top.bit_length()


def test_one_number_has_no_deviation() -> None:
    assert added_up([7], 10, 1).select(deviation("x")).item() is None


def test_a_deviation_keeps_its_digits_far_from_zero() -> None:
    far = 2**50 - 10
    assert added_up([far + at for at in (0, 1, 2)], 2**50, 3).select(deviation("x")).item() == 1.0


def test_steps_in_their_unit_are_rounded_once() -> None:
    frame = pl.DataFrame({"cents": [30, -1, 409623, None]}).select(scaled(pl.col("cents"), Fraction(1, 100)))
    assert frame.to_series().to_list() == [0.3, -0.01, 4096.23, None]


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_a_column_is_shown_as_its_numbers_are(numbers: list[float | None]) -> None:
    expected = [None if number is None else shown(number) for number in numbers]
    assert shown_all(pl.Series(numbers, dtype=pl.Float64)).to_list() == expected
