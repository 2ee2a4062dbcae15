"""Batches at the edge: each gives a report that says what is so, and no number that is none."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from expectations.contract import Contract
from tasks.models import Rows, Verdict
from tests.unit.report import made

NOON = datetime(2026, 9, 22, 12)  # noqa: DTZ001  (landed times are naive)
ROW = (7, NOON, NOON + timedelta(minutes=3), "view", 9.5)
ENTITIES_ONLY = Contract.model_validate(
    {"dataset": "events", "columns": made.EVENTS.model_dump()["columns"], "roles": {"entity": "event_type"}}
)


BATCHES = {
    "empty": made.table([]),
    "one_row": made.table([ROW]),
    "one_user": made.events(300).with_columns(pl.lit(7, dtype=pl.Int64).alias("user_id")),
    "all_null_value": made.events(300).with_columns(pl.lit(None, dtype=pl.Decimal(18, 2)).alias("value")),
    "all_null_end": made.events(300).with_columns(pl.lit(None, dtype=pl.Datetime("us")).alias("session_end")),
    "all_null_category": made.events(300).with_columns(pl.lit(None, dtype=pl.String).alias("event_type")),
    "all_null_start": made.events(300).with_columns(pl.lit(None, dtype=pl.Datetime("us")).alias("session_start")),
    "single_day": made.events(300, days=1),
    "many_categories": made.events(12_000).with_columns(
        ("c" + pl.int_range(12_000).mod(10_000).cast(pl.String)).alias("event_type")
    ),
    "same_values": made.events(300).with_columns(pl.lit(5).cast(pl.Decimal(18, 2)).alias("value")),
    "mostly_outliers": made.table(
        [(user, NOON, NOON + timedelta(seconds=4 ** (user % 9)), "view", 5 * 9.0 ** (user % 9)) for user in range(40)]
    ),
    "a_stray_century": pl.concat([made.events(300), made.table([(1, datetime(1926, 1, 1), None, "view", 1.0)])]),  # noqa: DTZ001
    "negative_values": made.events(300).with_columns(-pl.col("value")),
}


@pytest.mark.parametrize("name", BATCHES)
def test_the_report_is_sensible(name: str, tmp_path: Path) -> None:
    frame = BATCHES[name]
    rows = Rows(read=frame.height, accepted=frame.height)
    made.published(tmp_path, frame, batch=made.batch(rows, Verdict.PASSED), run=made.facts("passed"))
    page = (tmp_path / "run" / "report.html").read_text()
    assert len(page) < 1_000_000
    text = re.sub(r"<[^>]+>", " ", page.split("</style>")[1])
    assert re.search(r"\b(nan|NaN|None|inf|null)\b|not a number|∞", text) is None
    assert f"Rows analysed {frame.height:,}" in " ".join(text.split())


def test_an_empty_batch_says_so(tmp_path: Path) -> None:
    empty = made.batch(Rows(), Verdict.PASSED)
    made.published(tmp_path, BATCHES["empty"], batch=empty, run=made.facts("passed"))
    page = (tmp_path / "run" / "report.html").read_text()
    assert "No record was read: there is nothing to analyse." in page
    assert page.count("<svg") == 1  # the badge's sign: no picture of nothing


def test_one_row_of_another_century_does_not_squeeze_the_days(tmp_path: Path) -> None:
    made.published(tmp_path, BATCHES["a_stray_century"])
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Not drawn: 1 row far outside, before 2026-09-01 or after 2026-10-10." in page
    assert "<h3>By day</h3>" in page


def test_a_start_without_a_time_has_days_of_the_week_and_no_hours(tmp_path: Path) -> None:
    columns = made.EVENTS.model_dump()["columns"]
    columns["session_start"] |= {"type": "date", "formats": ["%Y-%m-%d"]}
    roles = {"entity": "user_id", "start": "session_start", "category": "event_type"}
    contract = Contract.model_validate({"dataset": "events", "columns": columns, "roles": roles})
    frame = made.events(300).with_columns(pl.col("session_start").cast(pl.Date))
    made.published(tmp_path, frame, contract)
    page = (tmp_path / "run" / "report.html").read_text()
    assert "By day of the week" in page
    assert "By hour of the day" not in page


def test_ten_years_are_shown_by_month(tmp_path: Path) -> None:
    made.published(tmp_path, made.events(500, days=3650))
    page = (tmp_path / "run" / "report.html").read_text()
    assert "<h3>By month</h3>" in page


def test_ten_thousand_categories_become_ten_and_the_rest(tmp_path: Path) -> None:
    made.published(tmp_path, BATCHES["many_categories"])
    page = (tmp_path / "run" / "report.html").read_text()
    assert "9,990 others" in page
    assert "The first 15 of 10,000 rows" in page


def test_a_dataset_without_most_roles_has_what_remains(tmp_path: Path) -> None:
    made.published(tmp_path, made.events(300), ENTITIES_ONLY)
    page = (tmp_path / "run" / "report.html").read_text()
    assert 'id="entities"' in page
    assert 'id="time"' not in page
    assert "Event types" in page
