"""How a text file is written, found from a sample of it: line end, delimiter, quote, escape."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tasks.ingest.cell_kinds import is_typed
from tasks.ingest.csv_grammar import RecordParser, State, split_line
from tasks.models import Dialect

_DELIMITERS = (",", ";", "\t", "|", ":", " ", "^", "~")
_WEAK = (":", " ")  # common inside cells
SAMPLE_LINES = 400
_TYPED_ROWS = 60
_MOST_LINES_A_RECORD = 50


class Record(NamedTuple):
    """A record of the sample."""

    line: int  # its first physical line, from 0
    span: int
    fields: list[str] | None  # None where its quotes are broken


def line_end_of(text: str) -> str:
    """The line end most used; CR only where there is no LF at all."""
    if "\n" not in text:
        return "\r" if "\r" in text else "\n"
    return "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"


def split_lines(text: str, line_end: str) -> list[str]:
    """The physical lines, a CR before an LF taken off."""
    lines = text.split("\r" if line_end == "\r" else "\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def detect_dialect(text: str, *, names: Iterable[str] = ()) -> Dialect:
    """Find out how a text is written.

    Args:
        text: the first part of the file, of whole lines if it is not all of it.
        names: column names to be expected, if any are known.
    """
    line_end = line_end_of(text)
    lines = [line for line in split_lines(text, line_end)[:SAMPLE_LINES] if line.strip()]
    expected = frozenset(names)
    best = Dialect(delimiter=",", line_end=line_end)
    best_score = 0.0
    for quote in _quotes(lines):
        for delimiter in (one for one in _DELIMITERS if any(one in line for line in lines)):
            dialect = Dialect(delimiter=delimiter, quote=quote, line_end=line_end)
            score = _score(lines, dialect, expected)
            if score > best_score:
                best, best_score = dialect, score
    return best.model_copy(update={"escape": _escape(lines, best)})


def read_records(lines: Sequence[str], dialect: Dialect) -> list[Record]:
    """The records of some lines; a quote that does not close soon makes its line a broken record."""
    records = []
    at = 0
    while at < len(lines):
        parser, state, count = RecordParser(dialect), State.OPEN, 0
        while state is State.OPEN and count < _MOST_LINES_A_RECORD and at + count < len(lines):
            state, count = parser.feed(lines[at + count]), count + 1
        is_whole = state is State.WHOLE
        records.append(Record(at, count if is_whole else 1, parser.fields if is_whole else None))
        at += records[-1].span
    return records


def _quotes(lines: Sequence[str]) -> list[str]:
    """Quotes worth trying: the single one only where cells are wrapped in it and none in the double one."""
    text = "\n".join(lines)
    if re.search(r'(?:^|[,;\t| ])"', text, re.MULTILINE):
        return ['"']
    wrapped = len(re.findall(r"(?:^|[,;\t|])'[^\n]*?'(?=[,;\t|]|$)", text, re.MULTILINE))
    return ["'"] if wrapped > max(1, 0.2 * len(lines)) else ['"']


def _score(lines: Sequence[str], dialect: Dialect, expected: frozenset[str]) -> float:
    """How well a dialect explains the lines: rows of one width, of several columns, of cells that look like values."""
    rows = [record.fields for record in read_records(lines, dialect) if record.fields is not None]
    if not rows:
        return 0.0
    widths = Counter(len(row) for row in rows)
    width, count = max(widths.items(), key=lambda item: (item[1] * (1 if item[0] > 1 else 0.02), item[0]))
    if width == 1:
        return 0.0
    share = count / len(lines)
    cells = [cell for row in rows[:_TYPED_ROWS] for cell in row]
    likely = sum(is_typed(cell) or len(cell) < 40 for cell in cells) / len(cells)
    score = share * share * (1 - 1 / (width + 1)) * (0.4 + 0.6 * likely)
    if dialect.delimiter in _WEAK:
        score *= 0.55
    named = max(sum(cell.strip().casefold() in expected for cell in row) for row in rows)
    return score + named


def _escape(lines: Sequence[str], dialect: Dialect) -> str | None:
    """A backslash, where it mends lines whose quotes are otherwise broken."""
    if dialect.quote is None or not any(f"\\{dialect.quote}" in line for line in lines):
        return None
    escaped = dialect.model_copy(update={"escape": "\\"})
    broken = sum(split_line(line, dialect) is None for line in lines)
    broken_escaped = sum(split_line(line, escaped) is None for line in lines)
    return "\\" if broken_escaped < broken else None
