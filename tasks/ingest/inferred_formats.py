"""Which formats the dates and times of a column may have: one of those that are common, or some of them together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import polars as pl

from expectations.contract import Column, ColumnType
from expectations.time_formats import has_offset, python_format
from tasks.ingest.cast_time import by_first_format

_MOST_FORMATS = 3
_LEAST_SHARE = 0.01  # of the values that must have a format, for it to be one of several
_TELLING = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)  # no two of its parts are the same
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%d-%b-%Y")
_SHORT_DATES = ("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%y")
_SHORT = r"^[0-9]{2}([./][0-9]{2}[./]|-[A-Za-z]{3}-)[0-9]{2}$"
_DATETIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%#z",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
)


def single_formats(values: pl.Series) -> Iterator[tuple[str, Column]]:
    """Columns with one format each, with what to call them, for these texts."""
    has_short_years = values.str.contains(_SHORT).all()  # `1.2.24` may be a version of something
    for form in _SHORT_DATES if has_short_years else _DATES:
        yield f"date {form}", _column(ColumnType.DATE, form)
    for form in _DATETIMES:
        yield f"datetime {form}", _column(ColumnType.DATETIME, form)


def several_formats(values: pl.Series) -> Iterator[tuple[str, Column]]:
    """Columns with the formats that read these texts together: the commonest first.

    Two formats that make different times of one text are not taken together: none of them could be told to be right.
    """
    for kind, forms in ((ColumnType.DATE, _DATES), (ColumnType.DATETIME, (*_DATETIMES, *_DATES))):
        if len(taken := _commonest(values, kind, [form for form in forms if not has_offset(form)])) > 1:
            yield f"{kind} {' or '.join(taken)}", _column(kind, *taken)


def _commonest(values: pl.Series, kind: ColumnType, forms: list[str]) -> list[str]:
    taken: list[str] = []
    left, least = _reads(values, kind, forms), max(1, _LEAST_SHARE * len(values))
    while left.width and len(taken) < _MOST_FORMATS:
        counts = {form: int(left[form].sum()) for form in left.columns}
        best = max(counts, key=lambda form: counts[form])
        if counts[best] < least:
            break
        taken.append(best)
        others = [form for form, count in counts.items() if count and form != best and not _disagree(form, best)]
        left = left.filter(~left[best]).select(others)
    return taken


def _reads(texts: pl.Series, kind: ColumnType, forms: list[str]) -> pl.DataFrame:
    """Which texts each format reads."""
    every = [by_first_format(pl.col("text"), _column(kind, form)).is_not_null().alias(form) for form in forms]
    return texts.to_frame("text").select(every)


@cache
def _disagree(one: str, other: str) -> bool:
    """Whether a text that one format writes is another time to the other one."""
    for wrote, reads in ((one, other), (other, one)):
        text = pl.DataFrame({"text": [_TELLING.strftime(python_format(wrote))]})
        columns = [_column(ColumnType.DATETIME, form) for form in (wrote, reads)]
        told, heard = (text.select(by_first_format(pl.col("text"), column)).item() for column in columns)
        if heard is not None and heard != told:
            return True
    return False


@cache
def _column(kind: ColumnType, *forms: str) -> Column:
    """Made once: each format is tried when it is."""
    zone = {"time_zone": "UTC"} if any(map(has_offset, forms)) else {}
    return Column.model_validate({"type": kind, "formats": forms, **zone})
