"""How well a dialect explains the lines of a text (see `dialect`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from tasks.ingest.cell_kinds import is_typed
from tasks.ingest.dialect_signs import EVEN_SHARE, MIN_RUN, is_even, is_weak
from tasks.ingest.text_lines import Record, read_records
from tasks.models import Dialect

_TYPED_ROWS = 60
_WEAK_SHARE = 0.6  # of the records that must have the same width, for a weak delimiter
_ONE_COLUMN_SHARE = 0.7  # of the rows that have one cell, for the others to be sentences with a delimiter in them
_TOGETHER_SHARE = 0.5  # of the rows that have more, for these to be a table
_LONG = 40  # characters, for a cell to be rather a sentence
_HALF, _LATE = 0.55, 0.85  # what a weak delimiter counts, and one that does not part the first line like the others
POOR = 0.2  # a score that is no reason against columns that are lined up
_NO_DECIMAL = re.compile(r"(?<!\d),|,(?!\d)")  # a comma that no number holds


def score_of(lines: Sequence[str], dialect: Dialect, expected: frozenset[str]) -> float:
    """How well a dialect explains the lines: rows of one width, of several columns, of cells that look like values."""
    records = read_records(lines, dialect)
    rows = [record.fields for record in records if record.fields is not None]
    if not rows or is_one_column(rows):
        return 0.0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    is_doubtful = is_weak(dialect.delimiter)
    if is_doubtful:
        in_quotes = quoted_share(lines, dialect)
        is_doubtful = in_quotes is None or in_quotes < EVEN_SHARE
        if is_doubtful and (in_quotes is not None or not _is_plain_table(rows, count / len(records))):
            return 0.0
    if dialect.delimiter == "," and are_decimal_commas(lines) and any(is_even(lines, sign) for sign in ";\t|"):
        return POOR
    share: float = (count if is_doubtful else max(count, _in_two_tables(records))) / len(records)
    begins_well = 1 if len(rows[0]) == width else _LATE
    score = share**4 * begins_well * (1 - 1 / (width + 1)) * _likely(rows, width) * (_HALF if is_doubtful else 1)
    named = max(sum(cell.strip().casefold() in expected for cell in row) for row in rows)
    return score + named


def are_decimal_commas(lines: Sequence[str]) -> bool:
    """Whether all commas are within numbers."""
    return all(_NO_DECIMAL.search(line) is None for line in lines)


def _is_plain_table(rows: Sequence[Sequence[str]], share: float) -> bool:
    """Whether rows are so much alike that even a weak delimiter may have parted them."""
    if len(rows[0]) == 1 and not any(is_typed(cell) for row in rows for cell in row if cell.strip()):
        return False  # a name over names of two words each
    return len(rows) > 1 and share >= (EVEN_SHARE if len(rows[0]) == 1 else _WEAK_SHARE)


def _likely(rows: Sequence[Sequence[str]], width: int) -> float:
    """How much cells look like values: typed, or short and without a tab in them; and how many columns have any."""
    cells = [cell for row in rows[:_TYPED_ROWS] for cell in row]
    likely = sum(is_typed(cell) or (len(cell) < _LONG and "\t" not in cell) for cell in cells) / len(cells)
    used = {place for row in rows[:_TYPED_ROWS] for place, cell in enumerate(row[:width]) if cell.strip()}
    return (0.7 + 0.3 * likely) * (0.7 + 0.3 * len(used) / width)


def quoted_share(lines: Sequence[str], dialect: Dialect) -> float | None:
    """Beside how much of what is in quotes a delimiter stands on both sides; None where there is too little."""
    if not dialect.quote:
        return None
    quote, sign, text = re.escape(dialect.quote), re.escape(dialect.delimiter), "\n".join(lines)
    cell = rf"{quote}(?:[^{quote}\n]|{quote}{quote})*{quote}"
    count = len(re.findall(cell, text))
    parted = len(re.findall(rf"(?:^|(?<={sign})){cell}(?={sign}|$)", text, re.MULTILINE))
    return parted / count if count >= MIN_RUN else None


def is_one_column(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows are those of a single column: hardly any has more cells, and few of these are alike and together."""
    widths = [len(row) for row in rows]
    longest = max((len(list(run)) for width, run in groupby(widths) if width > 1), default=0)
    others = len(rows) - widths.count(1)
    return longest == 0 or (others < (1 - _ONE_COLUMN_SHARE) * len(rows) and longest < max(2, _TOGETHER_SHARE * others))


def _in_two_tables(records: Sequence[Record]) -> int:
    """How many records lie in the two longest runs of one width: one table may follow another."""
    runs = groupby(len(record.fields or []) for record in records)
    lengths = sorted(len(list(run)) for width, run in runs if width > 1)[-2:]
    return sum(lengths) if lengths and lengths[0] >= MIN_RUN else 0
