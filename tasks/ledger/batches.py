"""Which files belong to which batch: by the date in their names."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from expectations.errors import UsageError
from tasks.models import SourceRef

# A year, a month and perhaps a day, with the same separator or none, and no digit before or after.
_DATE = re.compile(r"(?<!\d)(20\d{2}|19\d{2})([-_.]?)(0[1-9]|1[0-2])(?:\2(0[1-9]|[12]\d|3[01]))?(?!\d)")
_MOMENT = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


class Unit(StrEnum):
    """What one batch holds: the files of a day, of a month, or one file."""

    DAY = "day"
    MONTH = "month"
    FILE = "file"


class Batch(NamedTuple):
    """Files that are run together, in the order of their addresses."""

    key: str
    sources: tuple[SourceRef, ...]

    @property
    def uris(self) -> tuple[str, ...]:
        """The files to read; an archive once, whatever it holds."""
        return tuple(dict.fromkeys(source.uri.partition("!")[0] for source in self.sources))

    def inputs_digest(self, *demands: str) -> str:
        """What goes into a run of this batch: the contents, and what they are held against."""
        lines = sorted({source.digest for source in self.sources})
        return hashlib.sha256("\n".join([*lines, "", *demands]).encode()).hexdigest()


class Plan(NamedTuple):
    """What there is to do, the oldest batch first, and what is left out."""

    batches: tuple[Batch, ...]
    undated: tuple[SourceRef, ...]
    resent: tuple[SourceRef, ...]  # contents that a file of this or an older batch has as well


def plan_batches(
    sources: Iterable[SourceRef], unit: Unit = Unit.DAY, since: str | None = None, until: str | None = None
) -> Plan:
    """Sort files into batches.

    Args:
        sources: fingerprinted files.
        unit: of the batches. A name that holds only a month makes a batch of the month, whatever the unit.
        since: first day or month, `2026-05` or `2026-05-17`.
        until: last one, itself included.
    """
    first, last = (None if moment is None else parse_moment(moment) for moment in (since, until))
    grouped: dict[str, list[SourceRef]] = defaultdict(list)
    undated: list[SourceRef] = []
    for source in sorted(sources, key=lambda one: one.uri):
        moment, key = moment_of(source.uri), key_of(source.uri, unit)
        if key is None or (moment is None and (first or last)):
            undated.append(source)
        elif moment is None or _is_within(moment, first, last):
            grouped[key].append(source)
    batches: list[Batch] = []
    resent: list[SourceRef] = []
    seen: set[str] = set()
    for key, files in sorted(grouped.items()):
        once: list[SourceRef] = []
        for source in files:
            (resent if source.digest in seen else once).append(source)
            seen.add(source.digest)
        if once:
            batches.append(Batch(key, tuple(once)))
    return Plan(tuple(batches), tuple(undated), tuple(resent))


def key_of(uri: str, unit: Unit) -> str | None:
    """The batch that a file belongs to; None where its name does not say."""
    moment = moment_of(uri)
    if unit == Unit.FILE:
        return f"{moment or 'undated'} {uri.partition('!')[0]}"
    return moment[:7] if moment and unit == Unit.MONTH else moment


def moment_of(uri: str) -> str | None:
    """The date in a file's name, `2026-05-17` or `2026-05`; the last one, where there are several."""
    name = uri.partition("!")[0].rsplit("/", 1)[-1]
    for found in reversed(list(_DATE.finditer(name))):
        year, _, month, day = found.groups()
        if day is None:
            return f"{year}-{month}"
        if _is_day(int(year), int(month), int(day)):
            return f"{year}-{month}-{day}"
    return None


def parse_moment(text: str) -> str:
    """A day or a month as the user wrote it.

    Raises:
        UsageError: it is neither.
    """
    found = _MOMENT.fullmatch(text)
    if found is None or not _is_day(int(found[1]), int(found[2]), int(found[3] or 1)):
        raise UsageError(f"{text!r} is no date; write a day as 2026-05-17 or a month as 2026-05")
    return text


def _is_within(moment: str, first: str | None, last: str | None) -> bool:
    """Whether a day or month is in a span. A name with a month only is in it where the month may hold the day."""
    if first is not None and moment[: len(first)] < first[: len(moment)]:
        return False
    return last is None or moment[: len(last)] <= last[: len(moment)]


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
