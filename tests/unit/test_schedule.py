from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.schedules import Schedule
from prefect.server.schemas import schedules as server

from expectations.errors import UsageError
from flows.schedule import parse_schedule


def runs(schedule: Schedule, start: datetime, count: int) -> list[str]:
    """The moments at which the server itself would start runs, in the schedule's zone."""
    made: server.CronSchedule | server.IntervalSchedule
    if schedule.cron:
        made = server.CronSchedule.model_validate(
            CronSchedule(cron=schedule.cron, timezone=schedule.timezone).model_dump()
        )
    else:
        assert schedule.interval is not None
        interval = IntervalSchedule(
            interval=schedule.interval, anchor_date=schedule.anchor_date, timezone=schedule.timezone
        )
        made = server.IntervalSchedule.model_validate(interval.model_dump())
    dates = asyncio.run(made.get_dates(count, start=start))
    return [f"{date:%a %m-%d %H:%M%z}" for date in dates]


SUNDAY = datetime(2026, 11, 22, 6, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every 6 hours", ["Sun 11-22 12:00+0000", "Sun 11-22 18:00+0000", "Mon 11-23 00:00+0000"]),
        ("every 15 minutes", ["Sun 11-22 06:45+0000", "Sun 11-22 07:00+0000", "Sun 11-22 07:15+0000"]),
        ("Every  hour", ["Sun 11-22 07:00+0000", "Sun 11-22 08:00+0000", "Sun 11-22 09:00+0000"]),
        ("hourly", ["Sun 11-22 07:00+0000", "Sun 11-22 08:00+0000", "Sun 11-22 09:00+0000"]),
        ("every 2 days", ["Tue 11-24 00:00+0000", "Thu 11-26 00:00+0000", "Sat 11-28 00:00+0000"]),
        ("daily at 08:00", ["Sun 11-22 08:00+0000", "Mon 11-23 08:00+0000", "Tue 11-24 08:00+0000"]),
        ("weekdays at 07:30", ["Mon 11-23 07:30+0000", "Tue 11-24 07:30+0000", "Wed 11-25 07:30+0000"]),
        ("weekends at 7:05", ["Sun 11-22 07:05+0000", "Sat 11-28 07:05+0000", "Sun 11-29 07:05+0000"]),
        ("Mondays at 06:15", ["Mon 11-23 06:15+0000", "Mon 11-30 06:15+0000", "Mon 12-07 06:15+0000"]),
        ("30 */8 * * 1-5", ["Mon 11-23 00:30+0000", "Mon 11-23 08:30+0000", "Mon 11-23 16:30+0000"]),
    ],
)
def test_what_people_say_is_when_it_runs(text: str, expected: list[str]) -> None:
    assert runs(parse_schedule(text), SUNDAY, 3) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sometimes",
        "every 0 minutes",
        "every minute and a half",
        "daily at 25:00",
        "daily at 8",
        "weekdays at 07:60",
        "61 * * * *",
        "* * * *",
        "0 0 * * * *",
        "every -5 minutes",
    ],
)
def test_anything_else_is_refused_and_told_what_is_understood(text: str) -> None:
    with pytest.raises(UsageError, match="is not understood; what is: every 15 minutes"):
        parse_schedule(text)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="no time zone 'Mars/Base'"):
        parse_schedule("hourly", "Mars/Base")


def test_a_daily_run_keeps_its_hour_when_the_clocks_change() -> None:
    schedule = parse_schedule("daily at 08:00", "Europe/Berlin")

    spring = runs(schedule, datetime(2026, 3, 27, 12, tzinfo=UTC), 3)
    autumn = runs(schedule, datetime(2026, 10, 23, 12, tzinfo=UTC), 3)

    assert spring == ["Sat 03-28 08:00+0100", "Sun 03-29 08:00+0200", "Mon 03-30 08:00+0200"]
    assert autumn == ["Sat 10-24 08:00+0200", "Sun 10-25 08:00+0100", "Mon 10-26 08:00+0100"]


def test_an_hour_that_the_clocks_skip_or_repeat_gives_one_run() -> None:
    schedule = parse_schedule("daily at 02:30", "Europe/Berlin")

    skipped = runs(schedule, datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    repeated = runs(schedule, datetime(2026, 10, 24, 12, tzinfo=UTC), 2)

    assert [run[:9] for run in skipped] == ["Sun 03-29", "Mon 03-30"]
    assert [run[:9] for run in repeated] == ["Sun 10-25", "Mon 10-26"]


def test_intervals_do_not_move_when_the_process_starts_again() -> None:
    first, second = parse_schedule("every 6 hours"), parse_schedule("every 6 hours")

    assert first == second
    assert first.interval == timedelta(hours=6)
