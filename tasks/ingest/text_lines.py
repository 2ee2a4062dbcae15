"""The first lines of a text, and the records in them: what there is to find out from how a file is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tasks.ingest.csv_grammar import RecordParser, State
from tasks.models import Dialect
from tasks.sources import MIXED

_MOST_LINES_A_RECORD = 50
_MIXED_SHARE = 0.6  # of the records must be regular if a carriage return ends lines
_LONE_CR = re.compile("\r(?!\n)")


class Record(NamedTuple):
    """A record of the sample."""

    line: int  # its first physical line, from 0
    span: int
    fields: list[str] | None  # None where its quotes are broken


def line_end_of(text: str, quote: str = '"') -> str:
    """The line end most used; CR only where there is no LF outside quotes."""
    if _LONE_CR.search(text):
        sign = re.escape(quote or '"')
        for read in (text, re.sub(r"\\.", "", text, flags=re.DOTALL)):  # without escapes, and with them
            bare = re.sub(rf"{sign}.*?{sign}", "", read, flags=re.DOTALL)
            if "\n" not in bare and "\r" in bare:
                return "\r"
    return "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"


def split_lines(text: str, line_end: str) -> list[str]:
    """The physical lines, a CR before an LF taken off."""
    if line_end == MIXED:
        text = _LONE_CR.sub("\n", text)
    lines = text.split("\r" if line_end == "\r" else "\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


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


def has_mixed_ends(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether a carriage return ends a line as well as a line feed does: there are more regular records if so."""
    if dialect.line_end == "\r" or not any("\r" in line for line in lines):
        return False
    parts = [part for line in lines for part in line.split("\r") if part.strip()]
    parted = read_records(parts, dialect)
    whole = [record for record in read_records(lines, dialect) if not _has_bare_end(lines, record, dialect)]
    return _regular(parted) > max(_regular(whole), _MIXED_SHARE * len(parted))


def _regular(records: Sequence[Record]) -> int:
    """How many records have the width that most have."""
    widths = Counter(len(record.fields) for record in records if record.fields is not None)
    return max(widths.values(), default=0)


def _has_bare_end(lines: Sequence[str], record: Record, dialect: Dialect) -> bool:
    """Whether a carriage return stands before or after a record, where no cell has one without quotes or escape."""
    last = lines[record.line + record.span - 1]
    is_escaped = dialect.escape is not None and last.endswith(f"{dialect.escape}\r")
    return lines[record.line].startswith("\r") or (last.endswith("\r") and not is_escaped)
