"""Values stay what they were: from any format, through ingest, the gate and every engine."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.contract import Contract
from tasks.models import ENGINES, EngineName
from tests.spec.whole_way import Arrived, take_whole_way

FORMATS = ("csv", "json", "ndjson", "parquet")
# Every format on one engine, and one format on the others.
WAYS = [*(("polars", form) for form in FORMATS), *((engine, "csv") for engine in ENGINES if engine != "polars")]
PAST_FLOATS = 2**53 + 1


def contract_of(column: dict[str, Any], **roles: str) -> Contract:
    columns = {"x": column, "note": {"type": "string"}}
    return Contract.model_validate(
        {"dataset": "small", "columns": columns, "roles": roles, "limits": {"file_rejected_share": 1}}
    )


def written(values: Sequence[Any], form: str) -> bytes:
    rows = [{"x": value, "note": "a"} for value in values]
    if form == "csv":
        return "".join(["x,note\n", *(f"{'' if value is None else value},a\n" for value in values)]).encode()
    if form == "json":
        return json.dumps(rows).encode()
    if form == "ndjson":
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    file = io.BytesIO()
    pl.DataFrame(rows).write_parquet(file)
    return file.getvalue()


def arrive(
    values: Sequence[Any], form: str, column: dict[str, Any], folder: Path, engine: EngineName = "polars", **roles: str
) -> Arrived:
    return take_whole_way({f"a.{form}": written(values, form)}, contract_of(column, **roles), engine, folder)


@pytest.mark.parametrize(("engine", "form"), WAYS)
def test_texts_of_digits_keep_every_zero_and_no_missing_value_becomes_a_text(
    engine: EngineName, form: str, tmp_path: Path
) -> None:
    values = ["007", "00", str(PAST_FLOATS), "1e5", "nan", "NaN", None, "1234567890123456789012345"]
    arrived = arrive(values, form, {"type": "string"}, tmp_path, engine, entity="x")
    kept = ["007", "00", str(PAST_FLOATS), "1e5", "1234567890123456789012345"]
    assert arrived.accepted["x"].drop_nulls().to_list() == kept
    assert sorted(arrived.tables["session_metrics"]["entity"].drop_nulls().to_list()) == sorted(kept)
    assert arrived.tables["column_summary"].row(0, named=True)["missing"] == 3


@pytest.mark.parametrize(("engine", "form"), WAYS)
def test_whole_numbers_past_those_of_floats_stay_exact_beside_missing_ones(
    engine: EngineName, form: str, tmp_path: Path
) -> None:
    values = [PAST_FLOATS, 2**63 - 1, -(2**63), None, 7]
    arrived = arrive(values, form, {"type": "integer"}, tmp_path, engine, entity="x", value="x")
    assert arrived.accepted["x"].to_list() == values
    summary = arrived.tables["column_summary"].row(0, named=True)
    assert (summary["minimum"], summary["maximum"]) == (str(-(2**63)), str(2**63 - 1))
    assert str(PAST_FLOATS) in arrived.tables["session_metrics"]["entity"].to_list()


def test_numbers_of_json_keep_their_digits_where_the_contract_says_text(tmp_path: Path) -> None:
    data = b'{"x":1.10}\n{"x":9007199254740993}\n{"x":1e2}\n{"x":123456789012345678901234567890}\n'
    arrived = take_whole_way({"a.ndjson": data}, contract_of({"type": "string"}), "polars", tmp_path)
    assert arrived.accepted["x"].to_list() == ["1.10", "9007199254740993", "1e2", "123456789012345678901234567890"]


@pytest.mark.parametrize(("engine", "form"), WAYS)
def test_decimals_are_exact_or_dead(engine: EngineName, form: str, tmp_path: Path) -> None:
    values = ["0.10", "9999999999999999.99", "-0.01", "1.005", "1_5"]
    arrived = arrive(values, form, {"type": "decimal"}, tmp_path, engine, value="x")
    assert [str(value) for value in arrived.accepted["x"]] == ["0.10", "9999999999999999.99", "-0.01"]
    assert arrived.codes == ["decimal_too_precise", "cast_decimal"]
    summary = arrived.tables["column_summary"].row(0, named=True)
    assert (summary["minimum"], summary["maximum"]) == ("-0.01", "9999999999999999.99")


MIXED = ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M"]


def test_mixed_formats_are_read_by_the_first_that_fits(tmp_path: Path) -> None:
    values = ["2024-02-29 10:00:00", "01.02.2024 10:00", "02/13/2024 10:00", "13/02/2024 10:00", "2024-02-30 10:00:00"]
    arrived = arrive(values, "csv", {"type": "datetime", "formats": MIXED}, tmp_path)
    days = [(moment.month, moment.day) for moment in arrived.accepted["x"]]
    assert days == [(2, 29), (2, 1), (2, 13)]
    assert arrived.codes == ["cast_datetime"] * 2


def test_a_local_time_that_one_format_cannot_place_is_not_read_by_another(tmp_path: Path) -> None:
    column = {"type": "datetime", "formats": ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"], "time_zone": "America/New_York"}
    arrived = arrive(["10/03/2024 02:30", "27/10/2024 02:30"], "csv", column, tmp_path)
    assert arrived.codes == ["ambiguous_datetime"]
    assert arrived.accepted["x"].to_list() == [datetime(2024, 10, 27, 6, 30, tzinfo=UTC)]


BERLIN = {"type": "datetime", "formats": ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%#z"], "time_zone": "Europe/Berlin"}


@pytest.mark.parametrize(("engine", "form"), WAYS)
def test_local_times_around_a_change_of_the_clocks_are_placed_or_dead(
    engine: EngineName, form: str, tmp_path: Path
) -> None:
    local = ["2024-03-31 01:59:59", "2024-03-31 02:30:00", "2024-10-27 02:30:00", "2024-10-27 03:00:00"]
    values = [datetime.fromisoformat(text) for text in local] if form == "parquet" else local
    arrived = arrive(values, form, BERLIN, tmp_path, engine, start="x")
    assert arrived.codes == ["ambiguous_datetime"] * 2
    utc = [datetime(2024, 3, 31, 0, 59, 59, tzinfo=UTC), datetime(2024, 10, 27, 2, tzinfo=UTC)]
    assert arrived.accepted["x"].to_list() == utc
    assert [row["hour"] for row in arrived.tables["hourly_trend"].to_dicts() if row["count"]] == [1, 3]


def test_an_offset_says_which_of_two_hours_is_meant(tmp_path: Path) -> None:
    arrived = arrive(["2024-10-27 02:30:00+02:00", "2024-10-27 02:30:00+0100"], "csv", BERLIN, tmp_path)
    assert arrived.accepted["x"].diff()[1] == timedelta(hours=1)


def test_a_zone_that_the_contract_does_not_expect_is_not_dropped(tmp_path: Path) -> None:
    moments = [datetime(2024, 6, 1, 12, tzinfo=UTC), None]
    column = {"type": "datetime", "formats": ["%Y-%m-%d %H:%M:%S"]}
    assert arrive(moments, "parquet", column, tmp_path).codes == ["unexpected_time_zone"]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2016-12-31 23:59:60", "%Y-%m-%d %H:%M:%S"),
        ("2016-12-31T23:59:60Z", "%Y-%m-%dT%H:%M:%SZ"),
        ("0000-01-01 00:00:00", "%Y-%m-%d %H:%M:%S"),
        ("2024-01-01 00:00:00.1234567", "%Y-%m-%d %H:%M:%S%.f"),
    ],
)
def test_what_polars_would_read_as_another_time_is_dead(text: str, form: str, tmp_path: Path) -> None:
    good = {"2016-12-31 23:59:60": "2016-12-31 23:59:59"}.get(text, "")
    arrived = arrive([text, good], "csv", {"type": "datetime", "formats": [form]}, tmp_path)
    assert (arrived.codes, arrived.accepted.height) == (["cast_datetime"], 1)


def test_the_last_moment_that_calendars_have_stays(tmp_path: Path) -> None:
    values = ["9999-12-31 23:59:59", "0001-01-01 00:00:00"]
    arrived = arrive(values, "csv", {"type": "datetime", "formats": MIXED}, tmp_path)
    assert arrived.accepted["x"].cast(pl.String).str.head(19).to_list() == values
