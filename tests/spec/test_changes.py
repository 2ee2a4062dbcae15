"""Change"""

from __future__ import annotations

from datetime import date, timedelta

from tests.spec.conftest import Analyze

FIRST = date(2024, 3, 4)  # a Monday


def days(*counts: int) -> str:
    """A table with so many rows on each day, from `FIRST` on."""
    rows = [f"{FIRST + timedelta(at)} 10:00:00 | 2.00" for at, count in enumerate(counts) for _ in range(count)]
    return "\n".join(["start | value", *rows])


class TestWeekdayHour:
    title = "weekday_hour"

    def test_every_hour_of_the_week(self, analyze: Analyze) -> None:
        """168 rows, Monday 0 o'clock first; an hour without rows counts zero."""
        table = """
        start               | value
        2024-03-04 00:10:00 | 1.00
        2024-03-11 00:20:00 | 2.00
        2024-03-10 23:59:59 | 4.00
        """
        rows = analyze(table)["weekday_hour"]
        assert len(rows) == 168
        assert rows[0] == {"weekday": 1, "hour": 0, "count": 2, "share": 0.666666666667, "total_value": 3.0}
        assert (rows[1]["count"], rows[1]["total_value"]) == (0, 0.0)
        assert (rows[-1]["weekday"], rows[-1]["hour"], rows[-1]["count"]) == (7, 23, 1)


class TestDailyComparison:
    title = "daily_comparison"

    def test_the_week_around_and_the_week_before(self, analyze: Analyze) -> None:
        """The mean of the seven days that end with a day, and the same weekday before. A day without rows counts 0 in
        both; a change against nothing is null."""
        rows = {row["day"]: row for row in analyze(days(1, 0, 2, 2, 2, 2, 5, 3, 1))["daily_comparison"]}
        assert rows[FIRST + timedelta(5)]["count_7d_mean"] is None
        assert rows[FIRST + timedelta(6)]["count_7d_mean"] == 2.0
        assert rows[FIRST + timedelta(6)]["count_week_before"] is None
        assert rows[FIRST + timedelta(7)] == {
            "day": FIRST + timedelta(7),
            "count": 3,
            "count_7d_mean": 2.28571428571,
            "count_week_before": 1,
            "count_change": 2.0,
            "total_value": 6.0,
            "value_7d_mean": 4.57142857143,
            "value_week_before": 2.0,
            "value_change": 2.0,
        }
        last = rows[FIRST + timedelta(8)]
        assert (last["count_week_before"], last["count_change"]) == (0, None)


class TestChangePoints:
    title = "change_points"

    def test_a_lasting_step_is_found(self, analyze: Analyze) -> None:
        """A level that changes and stays is a change point, with the mean on either side; each has seven days."""
        found = analyze(days(*[1, 2] * 6, *[4, 5] * 6))["change_points"]
        assert [(row["measure"], row["day"]) for row in found] == [
            ("count", FIRST + timedelta(12)),
            ("total_value", FIRST + timedelta(12)),
        ]
        assert (found[0]["mean_before"], found[0]["mean_after"], found[0]["change"]) == (1.5, 4.5, 2.0)
        assert found[0]["p_value"] < 0.01

    def test_a_single_peak_is_none(self, analyze: Analyze) -> None:
        """One day that stands out changes no level."""
        assert analyze(days(*[2, 3] * 6, 30, *[2, 3] * 6))["change_points"] == []

    def test_the_rhythm_of_the_week_is_none(self, analyze: Analyze) -> None:
        """From four weeks on, what every week repeats is taken out before a change is looked for."""
        assert analyze(days(*[5, 5, 5, 5, 5, 1, 1] * 5))["change_points"] == []

    def test_a_step_smaller_than_the_noise_is_left_out(self, analyze: Analyze) -> None:
        """In many days a step can be certain and still say little beside how days vary anyway."""
        assert analyze(days(*[2, 4, 6, 8] * 15, *[4, 6, 8, 10] * 15))["change_points"] == []
        found = analyze(days(*[2, 4, 6, 8] * 7, *[12, 14, 16, 18] * 7))["change_points"]
        assert [(row["mean_before"], row["mean_after"]) for row in found] == [(5.0, 15.0), (10.0, 30.0)]
