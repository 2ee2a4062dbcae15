"""Where the table lies among the lines of a text: preamble, header rows, width, and where another table begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tasks.ingest.aligned import has_runs
from tasks.ingest.cell_kinds import TYPED, Kind, is_typed, kind_of
from tasks.ingest.column_profile import ColumnProfile
from tasks.ingest.csv_repair import repair
from tasks.ingest.dialect_score import is_one_column
from tasks.ingest.header_rows import HeaderFinder
from tasks.ingest.remark_names import is_remark, with_remark_names
from tasks.ingest.text_lines import Record, read_records
from tasks.models import Dialect

_HEADER_WITHIN = 100  # records
_MENDED_WITHIN = 5
_LIKELY = -8.0
_AS_COMMON = 0.8
_SAME_WIDTH = 3  # records before and after names, for these to begin a table without a break
_MIN_ROWS = 2  # below the names of another table
_SAME_NAMES = 0.8  # of the names of a header, where it comes a second time
_RULER = re.compile(r"[\s|+:]*[-=_]{2,}[-=_\s|+:;,]*")  # a line drawn below the names
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
    row_width: int  # of most rows: less than the header has names, where each lacks cells


def find_table(lines: Sequence[str], dialect: Dialect, *, header_rows: int | None = None) -> TableLayout:
    """Find the first table in the lines of a text.

    Args:
        lines: of the text, or of its beginning.
        dialect: how it is written.
        header_rows: how many the header has, where that is known; it is at the very beginning then.
    """
    every = list(read_records(lines, dialect))
    records = [record for record in every if not _is_blank(record, lines)]
    if dialect.cuts and header_rows is None:
        records = _below_titles(records, lines)
    records = _without_remarks(records, lines)
    width = common_width(records or every)
    rows = _rows_of(records, width)
    profiles = _profiles(rows, width)
    first = records[:_HEADER_WITHIN]
    mended = [_mended(record, lines, dialect, profiles) for record in first[:_MENDED_WITHIN]]
    if first and len(first[0].fields or []) == width - 1 and _are_numbered(rows) and not profiles[-1].is_blank:
        mended[0] = ["", *(first[0].fields or [])]
    mended += [None] * (len(first) - len(mended))
    start, after = (0, header_rows) if header_rows is not None else HeaderFinder(first, profiles, mended).find()
    header = [
        record.fields or [] if mend is None else mend
        for record, mend in zip(first[start:after], mended[start:after], strict=True)
    ]
    first_line = records[after].line if after < len(records) else len(lines)
    row_width = width
    names = first[0].fields or [] if header_rows is None and (start, after) == (0, 1) else []
    if len(names) > width and _are_names(names):
        profiles += [ColumnProfile([""])] * (len(names) - width)
        width, header = len(names), [names]
    return TableLayout(
        width=width,
        header=merged_names(header, width),
        header_rows=after - start,
        header_line=records[start].line if start < len(records) else 0,
        first_line=0 if header_rows == 0 else first_line,  # a line of blanks is a cell, in a table of one column
        end_line=_next_table(records[after:], header, lambda: profiles),
        profiles=profiles,
        row_width=row_width,
    )


def another_table(lines: Sequence[str], dialect: Dialect, header: Sequence[str]) -> int | None:
    """Where another table begins among the lines below a header, from 0; None where none does."""
    records = [record for record in read_records(lines, dialect) if not _is_blank(record, lines)]
    if not records:
        return None
    width = len(header) or common_width(records)
    return _next_table(records, [header] if header else [], lambda: _profiles(_rows_of(records, width), width))


def _without_remarks(records: list[Record], lines: Sequence[str]) -> list[Record]:
    """Records without those that begin with `#` and are not as wide as most others, if there are others."""
    others = [record for record in records if not is_remark(record, lines)]
    if len(others) in (0, 1, len(records)):
        return records
    width = common_width(others)
    return [
        record
        for record in with_remark_names(records, lines, width)
        if not is_remark(record, lines) or (width > 1 and len(record.fields or []) == width)
    ]


def _are_names(cells: Sequence[str]) -> bool:
    """Whether cells are names beyond doubt, so that rows that are all shorter lack cells."""
    bare = {cell.strip() for cell in cells}
    return (
        len(bare) == len(cells)
        and "" not in bare
        and all(cell == cell.strip() and not is_typed(cell) for cell in cells)
    )


def _below_titles(records: list[Record], lines: Sequence[str]) -> list[Record]:
    """Records without those above the first blank line whose words only happen to lie in lined-up columns."""
    for place in range(1, min(len(records), _MENDED_WITHIN)):
        if _is_break(records, place):
            is_table = has_runs([lines[record.line] for record in records[:place]])
            return records if is_table else records[place:]
    return records


def _rows_of(records: Sequence[Record], width: int) -> list[list[str]]:
    return [record.fields for record in records if record.fields is not None and len(record.fields) == width]


def _is_blank(record: Record, lines: Sequence[str]) -> bool:
    return len(record.fields or []) == 1 and record.span == 1 and not lines[record.line].strip(" \t")


def common_width(records: Sequence[Record]) -> int:
    """How many cells most records have, the first one (which may be a header) left out where there are others.

    One cell only where there is hardly anything else; of two that are about as common the one that comes first, as the
    other is that of another table.
    """
    whole = [record.fields for record in records if record.fields is not None]
    rows = whole[1:] if len(whole) > 1 and records[0].fields is not None else whole
    if is_one_column(rows):
        return 1
    widths = Counter(len(row) for row in rows if len(row) > 1)
    most = max(widths.values())
    return next(width for width, count in widths.items() if count >= _AS_COMMON * most)


def is_framed(dialect: Dialect, names: Sequence[str]) -> bool:
    """Whether a pipe stands at both ends of each line, as far as the names tell: the first and the last are blank."""
    is_piped = dialect.delimiter.strip() == "|" and len(names) > 2
    return is_piped and not (names[0] + names[-1]).strip()


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
    body = filled[min(3, len(filled) // 2) :]
    return [ColumnProfile([row[place] for row in body]) for place in range(width)]


def _are_numbered(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first column numbers the rows, as R writes them below names of the other columns."""
    return len(rows) > 1 and all(row[0].strip() == str(place) for place, row in enumerate(rows[:_HEADER_WITHIN], 1))


def _mended(
    record: Record, lines: Sequence[str], dialect: Dialect, profiles: Sequence[ColumnProfile]
) -> list[str] | None:
    """A record that may be a damaged header or row, read as names or as a row, whichever it fits better."""
    width, fields = len(profiles), record.fields
    if _RULER.fullmatch(lines[record.line]):
        return []
    if fields is not None and len(fields) == width:
        return None
    text = "\n".join(lines[record.line : record.line + record.span])
    as_row = repair(text, dialect, profiles)
    if _is_typed_row(fields or [], profiles):
        return None if as_row is None else as_row.fields
    if fields is not None and len(fields) < width and all(p.kind is Kind.EMPTY for p in profiles[len(fields) :]):
        return fields + [""] * (width - len(fields))
    as_names = repair(text, dialect, [_NAME_PROFILE] * width)
    found = max((one for one in (as_names, as_row) if one is not None), key=lambda one: one.score, default=None)
    if found is None or found.score <= _LIKELY or sum(bool(cell.strip()) for cell in found.fields) < width - 1:
        return None
    return found.fields


def _is_typed_row(cells: Sequence[str], profiles: Sequence[ColumnProfile]) -> bool:
    """Whether half as many values as a row has, or more, stand among some cells, wherever they are."""
    typed = sum(kind_of(cell) in TYPED for cell in cells)
    return 0 < sum(profile.kind in TYPED for profile in profiles) <= 2 * typed


def _next_table(
    body: Sequence[Record], header: Sequence[Sequence[str]], profiles: Callable[[], Sequence[ColumnProfile]]
) -> int | None:
    """The line where another table begins: the names come again, or others do after a break, or another width."""
    names = {name.strip() for name in header[-1] if name.strip()} if header else set()
    for place, record in enumerate(body):
        if len(header) == 1 and _goes_on(body, place, header[0]):
            continue
        again = names & {cell.strip() for cell in record.fields or []}
        if place and len(names) > 1 and len(again) >= _SAME_NAMES * len(names):
            return record.line
        if place and (_is_break(body, place) or _is_other(body, place)) and _begins_table(body[place:], profiles()):
            return record.line
    return None


def _goes_on(body: Sequence[Record], place: int, header: Sequence[str]) -> bool:
    """Whether a record is the header once more, between rows, as on each page: not above a copy of the whole table."""
    if not is_again(header, body[place].fields or []):
        return False
    before, after = body[max(0, place - 1)].fields or [], body[place + 1].fields if place + 1 < len(body) else None
    return len(before) == len(header) and after != body[0].fields


def is_again(header: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether cells are those of the header, but for blanks around them; never those of a single column."""
    return len(header) == len(cells) > 1 and all(
        name.strip() == cell.strip() for name, cell in zip(header, cells, strict=True)
    )


def _is_break(body: Sequence[Record], place: int) -> bool:
    """Whether blank lines stand before a record."""
    before = body[place - 1]
    return before.line + before.span < body[place].line


def _is_other(body: Sequence[Record], place: int) -> bool:
    """Whether from a record on several in turn have another width than those before, and values in the rows below."""
    if len(body[place].fields or []) == len(body[place - 1].fields or []):
        return False  # nearly always
    before = {len(record.fields or []) for record in body[max(0, place - _SAME_WIDTH) : place]}
    after = [record.fields or [] for record in body[place : place + _SAME_WIDTH + 1]]
    widths = {len(row) for row in after}
    is_apart = len(before) == len(widths) == 1 and before != widths and len(after) > _SAME_WIDTH
    return is_apart and any(is_typed(cell) for row in after[1:] for cell in row if cell.strip())


def _begins_table(records: Sequence[Record], profiles: Sequence[ColumnProfile]) -> bool:
    """Whether records, after a title perhaps, are names over columns with rows of the same width below."""
    rows = [record.fields or [] for record in records[: _MIN_ROWS + 2]]
    rows = rows[1:] if len(rows[0]) == 1 else rows
    if len(rows) <= _MIN_ROWS or len({len(row) for row in rows[: _MIN_ROWS + 1]}) > 1 or len(rows[0]) < 2:
        return False
    if any(not cell.strip() or is_typed(cell) for cell in rows[0]) or len(set(rows[0])) < len(rows[0]):
        return False
    if len(rows[0]) != len(profiles):
        return True
    typed = [place for place, profile in enumerate(profiles) if profile.kind not in (Kind.WORDS, Kind.EMPTY)]
    return len(typed) > 1 and not any(is_typed(rows[0][place]) for place in typed)
