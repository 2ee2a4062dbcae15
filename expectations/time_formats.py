"""The formats of dates and datetimes that a contract may state: those that read what they say, and forget nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

_OFFSETS = ("%z", "%:z", "%#z")
_SAMPLE = datetime(2024, 11, 23, 14, 25, 36, tzinfo=UTC)
_SHORT_FORMS = (("%F", "%Y-%m-%d"), ("%T", "%H:%M:%S"), ("%R", "%H:%M"), ("%:z", "%z"), ("%#z", "%z"))
_NANOSECONDS = re.compile(r"%f")
# Names of zones are read and forgotten, and what `%+` reads depends on the value.
_REFUSED = {
    "%Z": "reads the name of a zone and forgets it; write %z for an offset, or name the zone in `time_zone`",
    "%+": "is several formats in one; write them out, for example %Y-%m-%dT%H:%M:%S%.f%:z",
    "%c": "depends on the language; write it out",
}
_EXAMPLES = {True: "%Y-%m-%d", False: "%Y-%m-%d %H:%M:%S"}


def has_offset(form: str) -> bool:
    """Whether a format reads an offset from UTC."""
    return any(offset in form for offset in _OFFSETS)


@lru_cache(maxsize=64)
def python_format(form: str) -> str:
    """A format as Python's strptime has it."""
    for short, long in _SHORT_FORMS:
        form = form.replace(short, long)
    return re.sub(r"%(\.?)[369]?f", lambda match: f"{match[1]}%f", form)


def known_zone(zone: str) -> str:
    """A time zone by its name.

    Raises:
        ValueError: there is none of this name.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {zone!r}; an example is Europe/Berlin") from None
    return zone


def check_format(form: str, *, is_date: bool, time_zone: str | None) -> None:
    """Refuse a format that cannot be meant.

    Args:
        form: as chrono writes formats, which is nearly as Python does.
        is_date: whether it is of a date, not of a datetime.
        time_zone: the column's.

    Raises:
        ValueError: it reads nothing, or something else than it says.
    """
    for sign, why in _REFUSED.items():
        if sign in form:
            raise ValueError(f"{form!r}: {sign} {why}")
    if _NANOSECONDS.search(form):
        raise ValueError(
            f"{form!r}: %f counts nanoseconds; write %.f, with the point in it, for a fraction of a second"
        )
    if has_offset(form) and time_zone is None and not is_date:
        raise ValueError(f"{form!r} reads an offset, so the column needs a `time_zone` to convert to, such as UTC")
    if form.endswith("Z") and time_zone not in (None, "UTC"):
        raise ValueError(
            f"{form!r} takes the Z for a letter, and the time for one of {time_zone}; write %#z in its place"
        )
    if not _reads_what_it_writes(form, is_date=is_date):
        raise ValueError(f"{form!r} reads no {'date' if is_date else 'datetime'}; an example is {_EXAMPLES[is_date]}")


def _reads_what_it_writes(form: str, *, is_date: bool) -> bool:
    """Whether it reads at least a year; what a value does not say is taken for the first."""
    try:
        text = pl.Series([_SAMPLE]).dt.to_string(form.replace("%#z", "%z"))
        if is_date:
            found = text.str.to_date(form, strict=False)
        else:
            found = text.str.to_datetime(form, strict=False, time_zone="UTC" if has_offset(form) else None).dt.date()
    except (pl.exceptions.PolarsError, ValueError):
        return False
    day = _SAMPLE.date()
    return found[0] in {day, day.replace(day=1), day.replace(month=1, day=1)}
