"""Schedules as people say them: `every 6 hours`, `daily at 08:00`, `weekdays at 07:30`, or cron."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.schedules import Cron, Interval, Schedule

from expectations.errors import UsageError

UNDERSTOOD = (
    "every 15 minutes, every 6 hours, hourly, daily at 08:00, weekdays at 07:30, weekends at 10:00, "
    "mondays at 06:15, or five cron fields such as '0 */6 * * *'"
)
# A run that comes due while another goes is cancelled. (The `limit` of `serve` would keep it, and all that come due
# meanwhile, and start them one after the other.)
NEVER_TWO = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
# Intervals count from a fixed moment, so that a restart moves no run; a Monday, so that days count from midnight.
_ANCHOR = datetime(2024, 1, 1, tzinfo=UTC)

_EVERY = re.compile(r"every (?:(\d{1,4}) )?(minute|hour|day)s?")
_AT = re.compile(r"(?:every )?(daily|day|weekday|weekend|" + "|".join(_DAYS) + r")s? at (\d{1,2}):(\d{2})")


def parse_schedule(text: str, time_zone: str = "UTC") -> Schedule:
    """The schedule that a text means.

    Args:
        text: what the user said; upper and lower case and spare blanks do not matter.
        time_zone: IANA name of the zone that times of day are in.

    Raises:
        UsageError: the text is none of what is understood, or the zone does not exist.
    """
    _check_zone(time_zone)
    said = " ".join(text.lower().split())
    for reading in (_hourly, _every, _at, _cron):
        schedule = reading(said, time_zone)
        if schedule is not None:
            return schedule
    raise UsageError(f"the schedule {text!r} is not understood; what is: {UNDERSTOOD}")


def _check_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError(f"there is no time zone {time_zone!r}; take an IANA name such as Europe/Berlin") from None


def _hourly(said: str, time_zone: str) -> Schedule | None:
    return Cron("0 * * * *", timezone=time_zone) if said == "hourly" else None


def _every(said: str, time_zone: str) -> Schedule | None:
    match = _EVERY.fullmatch(said)
    if match is None or match[1] == "0" * len(match[1] or "x"):
        return None
    interval = int(match[1] or 1) * _UNITS[match[2]]
    anchor = _ANCHOR.replace(tzinfo=ZoneInfo(time_zone))
    return Interval(interval, anchor_date=anchor, timezone=time_zone)


def _at(said: str, time_zone: str) -> Schedule | None:
    match = _AT.fullmatch(said)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        return None
    days = {"daily": "*", "day": "*", "weekday": "1-5", "weekend": "0,6"}
    day = days.get(match[1]) or str(_DAYS.index(match[1]))
    return Cron(f"{int(match[3])} {int(match[2])} * * {day}", timezone=time_zone)


def _cron(said: str, time_zone: str) -> Schedule | None:
    if len(said.split()) != 5 or not re.fullmatch(r"[\d*/,\-a-z?# ]+", said):
        return None
    try:
        return Cron(said, timezone=time_zone)
    except ValueError:
        return None
