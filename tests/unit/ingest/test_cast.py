from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE, PROVENANCE_SCHEMA, SPAN
from tasks.ingest.cast import Cast, cast_records

NULLS = ("", "NA")


def cast_all(texts: Sequence[str | None], **column: Any) -> Cast:
    contract = Contract.model_validate({"dataset": "one", "columns": {"x": column}, "null_values": NULLS})
    text = pl.DataFrame({"x": texts, LINE: range(len(texts)), SPAN: 1}, schema={"x": pl.String, **PROVENANCE_SCHEMA})
    return cast_records(text, contract)


def cast(texts: Sequence[str | None], **column: Any) -> tuple[list[Any], list[tuple[str, int]]]:
    """The values that cast, and code and row of the others."""
    done = cast_all(texts, **column)
    reasons = [(reason["code"], row) for row, reasons in done.failed.iter_rows() for reason in reasons]
    return done.rows["x"].to_list(), reasons


def test_strings_stay_what_they_were() -> None:
    texts = ["007", " a ", "NaN", "9007199254740993"]
    assert cast(texts, type="string") == (texts, [])


def test_null_values_are_missing_in_every_type() -> None:
    for kind in ("string", "integer", "decimal", "float", "boolean"):
        assert cast(["NA", "", None], type=kind) == ([None, None, None], [])


def test_integers_are_exact() -> None:
    values, bad = cast(["9007199254740993", "1.0", "1_0", "9223372036854775808", "-3"], type="integer")
    assert values == [9007199254740993, -3]
    assert bad == [
        ("cast_integer", 1),
        ("cast_integer", 2),
        ("integer_out_of_range", 3),
    ]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("12.34", "12.34", None),
        ("12.340000", "12.34", None),
        ("1e3", "1000.00", None),
        ("12.345", None, "decimal_too_precise"),
        ("12.344999999999999999999", None, "decimal_too_precise"),
        ("1e-5", None, "decimal_too_precise"),
        ("1.2e-2", None, "decimal_too_precise"),
        ("nan", None, "cast_decimal"),
        ("12,34", None, "cast_decimal"),
        ("99999999999999999", None, "cast_decimal"),
    ],
)
def test_decimals_are_exact_or_named(text: str, value: str | None, code: str | None) -> None:
    values, bad = cast([text], type="decimal", scale=2)
    assert bad == ([(code, 0)] if code else [])
    assert values == ([Decimal(value)] if value else [])


@pytest.mark.parametrize("scale", range(5))
def test_no_text_of_a_few_signs_is_rounded(scale: int) -> None:
    texts = ["".join(signs) for size in range(1, 7) for signs in product("5.e-", repeat=size)]
    done = cast_all(texts, type="decimal", scale=scale)
    assert done.rows.height
    assert all(Decimal(texts[line]) == value for value, line in done.rows.select("x", LINE).iter_rows())


def test_floats_are_finite() -> None:
    assert cast(["1.5", "nan", "inf", "1e400"], type="float")[1] == [
        ("cast_float", 1),
        ("cast_float", 2),
        ("cast_float", 3),
    ]


def test_booleans_have_a_short_list_of_words() -> None:
    assert cast(["True", "no", "1", "2"], type="boolean") == ([True, False, True], [("cast_boolean", 3)])


def test_formats_are_tried_in_order() -> None:
    values, bad = cast(["2024-01-05", "05.01.2024", "Jan 5"], type="date", formats=["%Y-%m-%d", "%d.%m.%Y"])
    assert values[0] == values[1]
    assert bad == [("cast_date", 2)]


@pytest.mark.parametrize(("kind", "clock"), [("date", ""), ("datetime", " 10:00")])
def test_a_year_of_two_digits_is_not_a_year_of_the_first_century(kind: str, clock: str) -> None:
    form = f"%d.%m.%Y{' %H:%M' if clock else ''}"
    texts = [f"{day}{clock}" for day in ("31.12.26", "31.12.2026", "01.01.0001", "31.12.999", "010126", " 01.01.0026")]
    values, bad = cast(texts, type=kind, formats=[form, form.replace(".", "")])
    assert [value.year for value in values] == [2026, 1, 26]
    assert bad == [(f"cast_{kind}", place) for place in (0, 3, 4)]
    assert cast(texts[:1], type=kind, formats=[form.replace("%Y", "%y")])[0][0].year == 2026


def test_a_time_zone_lands_as_utc() -> None:
    values, bad = cast(
        ["2024-07-01 12:00", "2024-07-01 12:00 +0000", "2024-03-31 02:30", "x"],
        type="datetime",
        formats=["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M %z"],
        time_zone="Europe/Berlin",
    )
    assert values == [datetime(2024, 7, 1, 10, tzinfo=UTC), datetime(2024, 7, 1, 12, tzinfo=UTC)]
    assert bad == [("ambiguous_datetime", 2), ("cast_datetime", 3)]


def test_blanks_around_numbers_are_taken_off_and_counted() -> None:
    done = cast_all([" 1", "2 ", "3"], type="integer")
    assert done.rows["x"].to_list() == [1, 2, 3]
    assert done.blanks_stripped == 2


@pytest.mark.parametrize(
    ("example", "text", "value"),
    [
        ("1.234,56", "1.234,56", "1234.56"),
        ("1.234,56", "-1.234.567,5", "-1234567.50"),
        ("1.234,56", "+866,94", "866.94"),
        ("1.234,56", " 12,00 ", "12.00"),
        ("1.234,56", "1.234", "1234.00"),
        ("1.234,56", "12345", "12345.00"),
        ("1.234,56", ",5", "0.50"),
        ("1.234,56", "12.50", None),
        ("1.234,56", "1.23,4", None),
        ("1.234,56", "1234.567,00", None),
        ("1.234,56", "1,234,56", None),
        ("1.234,56", "1e3", None),
        ("1.234,56", ",", None),
        ("1234,56", "866,94", "866.94"),
        ("1234,56", "1.234", None),
        ("1,234.56", "1,234.50", "1234.50"),
        ("1,234.56", "1,50", None),
        ("1 234,56", "1 234\u00a0567\u202f890,12", "1234567890.12"),
        ("1'234.56", "1'234\u2019567.00", "1234567.00"),
    ],
)
def test_a_number_format_reads_what_is_written_so_and_nothing_else(example: str, text: str, value: str | None) -> None:
    values, bad = cast([text, "NA"], type="decimal", scale=2, number_format=example)
    assert values == ([None] if value is None else [Decimal(value), None])
    assert bad == ([("cast_decimal", 0)] if value is None else [])
    number = None if value is None else float(value)
    floats, _ = cast([text, "NA"], type="float", number_format=example)
    assert floats == ([None] if number is None else [number, None])


def test_a_number_format_loses_no_digit() -> None:
    values, bad = cast(["1,005", "1,0050", "0,10"], type="decimal", scale=2, number_format="1234,56")
    assert (values, bad) == ([Decimal("0.10")], [("decimal_too_precise", 0), ("decimal_too_precise", 1)])
    values, bad = cast(["1.234.567", "9.223.372.036.854.775.808", "1,0"], type="integer", number_format="1.234,56")
    assert (values, bad) == ([1234567], [("integer_out_of_range", 1), ("cast_integer", 2)])


@given(
    st.decimals(-(10**15), 10**15, places=2),
    st.sampled_from(["1234,56", "1.234,56", "1,234.56", "1 234,56", "1'234.56"]),
)
def test_a_written_number_is_read_as_it_was(number: Decimal, example: str) -> None:
    mark, point = example[1:-6], example[-3]
    for text in (f"{number:,.2f}" if mark else f"{number:.2f}", f"{number:.2f}"):
        written = text.replace(".", "p").replace(",", mark).replace("p", point)
        assert cast([written], type="decimal", scale=2, number_format=example) == ([number], [])
