"""Trend"""

from __future__ import annotations

from datetime import date

from tests.spec.conftest import Analyze
from tests.spec.small_batches import SESSION_COLUMNS, SESSION_ROLES, contract_of


class TestDailyTrend:
    title = "daily_trend"

    def test_one_row_a_day(self, analyze: Analyze) -> None:
        """One row for each day on which a session began, in order. `entities` counts each entity once a day; sums and
        means leave out what is missing."""
        table = """
        user | start               | end                 | value
        bob  | 2024-03-02 00:00:00 | 2024-03-02 00:00:10 | 1.00
        ann  | 2024-03-01 23:59:59 | -                   | -
        bob  | 2024-03-02 11:00:00 | 2024-03-02 11:00:20 | 2.00
        ann  | 2024-03-02 12:00:00 | -                   | 6.00
        """
        assert analyze(table)["daily_trend"] == [
            {
                "day": date(2024, 3, 1),
                "count": 1,
                "entities": 1,
                "total_value": 0.0,
                "mean_value": None,
                "mean_duration_seconds": None,
            },
            {
                "day": date(2024, 3, 2),
                "count": 3,
                "entities": 2,
                "total_value": 9.0,
                "mean_value": 3.0,
                "mean_duration_seconds": 15.0,
            },
        ]

    def test_days_are_those_of_the_contracts_clock(self, analyze: Analyze) -> None:
        """Where the contract names a time zone, days and hours are those of its clock; durations are real time, also in
        the night when the clock is put forward. Times in this table are UTC."""
        zone = {"type": "datetime", "time_zone": "Europe/Berlin"}
        contract = contract_of(SESSION_COLUMNS | {"start": zone, "end": zone}, **SESSION_ROLES)
        table = """
        start                     | end
        2024-03-31 00:30:00+00:00 | 2024-03-31 01:30:00+00:00
        2024-12-31 23:30:00+00:00 | -
        """
        tables = analyze(table, contract)
        assert [row["day"] for row in tables["daily_trend"]] == [date(2024, 3, 31), date(2025, 1, 1)]
        assert [row["hour"] for row in tables["hourly_trend"] if row["count"]] == [0, 1]
        assert tables["batch_totals"][0]["total_duration_seconds"] == 3600.0

    def test_before_1970(self, analyze: Analyze) -> None:
        """Days before 1970 are days as well."""
        table = """
        start
        1969-12-31 23:59:59
        1960-02-29 00:00:00
        """
        assert [row["day"] for row in analyze(table)["daily_trend"]] == [date(1960, 2, 29), date(1969, 12, 31)]

    def test_rows_without_a_start_are_left_out(self, analyze: Analyze) -> None:
        """A row that does not say when it began is in no day and in no hour."""
        table = """
        user | start
        ann  | -
        bob  | 2024-03-01 10:00:00
        """
        tables = analyze(table)
        assert [row["count"] for row in tables["daily_trend"]] == [1]
        assert sum(row["count"] for row in tables["hourly_trend"]) == 1


class TestHourlyTrend:
    title = "hourly_trend"

    def test_every_hour_of_the_day(self, analyze: Analyze) -> None:
        """Always 24 rows, 0 to 23, over all days together; an hour without sessions counts zero."""
        table = """
        user | start               | end                 | value
        ann  | 2024-03-01 05:59:59 | 2024-03-01 06:00:09 | 1.50
        ann  | 2024-03-02 05:00:00 | -                   | 0.50
        """
        hours = analyze(table)["hourly_trend"]
        assert [row["hour"] for row in hours] == list(range(24))
        assert hours[5] == {
            "hour": 5,
            "count": 2,
            "entities": 1,
            "total_value": 2.0,
            "mean_value": 1.0,
            "mean_duration_seconds": 10.0,
        }
        assert (hours[6]["count"], hours[6]["entities"], hours[6]["mean_value"]) == (0, 0, None)

    def test_dates_have_no_hours(self, analyze: Analyze) -> None:
        """A start that is a date has a daily trend and no hourly one."""
        contract = contract_of({"day": "date"}, start="day")
        table = """
        day
        2024-03-01
        """
        tables = analyze(table, contract)
        assert "hourly_trend" not in tables
        assert tables["daily_trend"][0]["day"] == date(2024, 3, 1)
