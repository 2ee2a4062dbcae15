"""Which dead letters are meant, as command lines say it: the same words for listing, discarding and replaying."""

from __future__ import annotations

import argparse
import getpass
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from expectations.errors import UsageError
from tasks.dead_letters.models import Filters, Status
from tasks.models import Stage

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
ANY_STATUS = "any"
_LONGEST = timedelta(days=36_500)


def add_filters(parser: argparse.ArgumentParser, *, with_status: bool = True) -> None:
    """Give a command the filter options."""
    chosen = parser.add_argument_group("which dead letters (all of these must hold)")
    chosen.add_argument("--dataset", metavar="NAME")
    chosen.add_argument(
        "--id", action="append", default=[], metavar="ID", help="an id or its beginning; may be repeated"
    )
    chosen.add_argument("--file", metavar="TEXT", help="part of the file's address, or a glob over all of it")
    chosen.add_argument("--reason", metavar="CODE", help="a reason code, such as cast_integer")
    chosen.add_argument("--column", metavar="NAME", help="the column a reason names")
    chosen.add_argument("--rule", metavar="ID", help="the expectation's id")
    chosen.add_argument("--stage", choices=[stage.value for stage in Stage])
    chosen.add_argument("--run", metavar="RUN_ID", help="the run that saw it first or last")
    chosen.add_argument("--older-than", metavar="AGE", help="first seen so long ago: 90m, 12h, 7d, 2w")
    chosen.add_argument("--newer-than", metavar="AGE", help="first seen since then")
    if with_status:
        statuses = [*(status.value for status in Status), ANY_STATUS]
        chosen.add_argument("--status", choices=statuses, default=Status.OPEN.value, help="default: open")


def filters_of(options: argparse.Namespace, now: datetime | None = None) -> Filters:
    """The filters that options ask for.

    Raises:
        UsageError: an age is not one.
    """
    status = getattr(options, "status", Status.OPEN.value)
    now = now or datetime.now(UTC)
    return Filters(
        status=None if status == ANY_STATUS else Status(status),
        dataset=options.dataset,
        ids=tuple(options.id),
        file=options.file,
        reason=options.reason,
        column=options.column,
        rule_id=options.rule,
        stage=Stage(options.stage) if options.stage else None,
        run_id=options.run,
        first_seen_before=now - age(options.older_than) if options.older_than else None,
        first_seen_after=now - age(options.newer_than) if options.newer_than else None,
    )


def existing_folder(text: str) -> str:
    """For argparse: where runs have left something; a folder that was misspelt would only be made, and be empty."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return text


def age(text: str) -> timedelta:
    """A stretch of time such as `7d`.

    Raises:
        UsageError: it is not one.
    """
    found = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip().lower())
    past = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else _LONGEST + timedelta(days=1)
    if past > _LONGEST:
        raise UsageError(
            f"{text!r} is not an age: write a whole number and m, h, d or w, such as 7d; at most a century"
        )
    return past


def at_least(least: int) -> Callable[[str], int]:
    """Reads whole numbers from `least` on, for argparse."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
        return int(text)

    return read


def actor() -> str:
    """Who is at the command line, for the record."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        name = "unknown"
    return f"{name}@{socket.gethostname()}"
