"""Where the table lies among the lines of a text: preamble, header rows, width, and where another table begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tasks.ingest.cell_kinds import Kind
from tasks.ingest.column_profile import ColumnProfile
from tasks.ingest.csv_repair import repair
from tasks.ingest.dialect import Record, read_records
from tasks.ingest.header_rows import HeaderFinder
from tasks.models import Dialect

_HEADER_WITHIN = 100  # records
_MENDED_WITHIN = 5
_LIKELY_NAMES = -8.0
_AS_COMMON = 0.8
_SAME_NAMES = 0.8  # of the names of a header, where it comes a second time
_NAME_PROFILE = ColumnProfile(["name", "another name"])


class TableLayout(NamedTuple):
    """A table among the lines of a text. Lines count from 0."""

    width: int
    header: list[str]  # empty where there is none
    header_rows: int
    header_line: int
    first_line: int  # of the records
    end_line: int | None  # where another table begins
    profiles: list[ColumnProfile]


def find_table(lines: Sequence[str], dialect: Dialect, *, header_rows: int | None = None) -> TableLayout:
    """Find the first table in the lines of a text.

    Args:
        lines: of the text, or of its beginning.
        dialect: how it is written.
        header_rows: how many the header has, where that is known; it is at the very beginning then.
    """
    records = [record for record in read_records(lines, dialect) if not _is_blank(record, lines)]
    width = common_width(records)
    rows = [record.fields for record in records if record.fields is not None and len(record.fields) == width]
    profiles = _profiles(rows, width)
    first = records[:_HEADER_WITHIN]
    mended = [_mended(record, lines, dialect, profiles) for record in first[:_MENDED_WITHIN]]
    mended += [None] * (len(first) - len(mended))
    start, after = (0, header_rows) if header_rows is not None else HeaderFinder(first, profiles, mended).find()
    header = [mend or record.fields or [] for record, mend in zip(first[start:after], mended[start:after], strict=True)]
    first_line = records[after].line if after < len(records) else len(lines)
    return TableLayout(
        width=width,
        header=merged_names(header, width),
        header_rows=after - start,
        header_line=records[start].line if start < len(records) else 0,
        first_line=first_line,
        end_line=_next_table(records[after:], header),
        profiles=profiles,
    )


def _is_blank(record: Record, lines: Sequence[str]) -> bool:
    return len(record.fields or []) == 1 and record.span == 1 and not lines[record.line].strip(" \t")


def common_width(records: Sequence[Record]) -> int:
    """How many cells most records have, the first one (which may be a header) left out where there are others.

    One cell only where there is hardly anything else; of two that are about as common the one that comes first, as the
    other is that of another table.
    """
    rows = records[1:] if len(records) > 1 else records
    widths = Counter(len(record.fields) for record in rows if record.fields is not None)
    weights = {width: count * (1 if width > 1 else 0.02) for width, count in widths.items()}
    most = max(weights.values(), default=0.0)
    return next((width for width, weight in weights.items() if weight >= _AS_COMMON * most), 1)


def merged_names(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The names of columns whose header has several rows: what stands over a column, from top to bottom.

    A name over several columns stands over the first of them only, so it counts for those after it as well, as far as
    they have names of their own below.
    """
    if not rows:
        return []
    padded = [[*row, *[""] * width][:width] for row in rows]
    if len(rows) == 1:
        return padded[0]
    levels = [_spread(row, padded[level + 1 :]) for level, row in enumerate(padded)]
    return [" ".join(name for name in names if name.strip()) for names in zip(*levels, strict=True)]


def _spread(row: list[str], below: Sequence[Sequence[str]]) -> list[str]:
    spread, over = [], ""
    for place, name in enumerate(row):
        if name.strip():
            over = name
        has_own = any(names[place].strip() for names in below)
        spread.append(name or (over if has_own else ""))
    return spread


def _profiles(rows: Sequence[Sequence[str]], width: int) -> list[ColumnProfile]:
    """From the rows after the first few, which may be headers."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    body = filled[min(3, len(filled) // 3) :]
    return [ColumnProfile([row[place] for row in body]) for place in range(width)]


def _mended(
    record: Record, lines: Sequence[str], dialect: Dialect, profiles: Sequence[ColumnProfile]
) -> list[str] | None:
    """A record that may be a damaged header, or one without names for empty columns, read as names."""
    width, fields = len(profiles), record.fields
    if fields is not None and len(fields) == width:
        return None
    if fields is not None and len(fields) < width and all(p.kind is Kind.EMPTY for p in profiles[len(fields) :]):
        return fields + [""] * (width - len(fields))
    text = "\n".join(lines[record.line : record.line + record.span])
    found = repair(text, dialect, [_NAME_PROFILE] * width)
    return found.fields if found is not None and found.score > _LIKELY_NAMES else None


def _next_table(body: Sequence[Record], header: Sequence[Sequence[str]]) -> int | None:
    """Where the header's names come again: another table begins there."""
    names = Counter(name.strip().casefold() for name in header[-1] if name.strip()) if header else Counter()
    if len(names) < 2:
        return None
    for record in body:
        cells = Counter(cell.strip().casefold() for cell in record.fields or [] if cell.strip())
        if (names & cells).total() >= _SAME_NAMES * names.total():
            return record.line
    return None
