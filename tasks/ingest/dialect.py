"""How a text file is written, found from a sample of it: line end, delimiter, quote, escape."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tasks.ingest.cell_kinds import is_typed
from tasks.ingest.csv_grammar import RecordParser, State, split_line
from tasks.ingest.options import ReadOptions
from tasks.models import Dialect

_NOTHING_GIVEN = ReadOptions()

_WEAK = (":", " ", "#", "@", "&", "*", "%", "!")  # common inside cells
_DELIMITERS = (",", ";", "\t", "|", "^", "~", "¦", "§", "\x01", "\x1e", "\x1f", *_WEAK)
SAMPLE_LINES = 400
_TYPED_ROWS = 60
_COMPANY_SHARE = 0.95
_MOST_LINES_A_RECORD = 50


class Record(NamedTuple):
    """A record of the sample."""

    line: int  # its first physical line, from 0
    span: int
    fields: list[str] | None  # None where its quotes are broken


def line_end_of(text: str, quote: str = '"') -> str:
    """The line end most used; CR only where there is no LF outside quotes."""
    if re.search("\r(?!\n)", text):
        sign = re.escape(quote or '"')
        for read in (text, re.sub(r"\\.", "", text, flags=re.DOTALL)):  # without escapes, and with them
            bare = re.sub(rf"{sign}.*?{sign}", "", read, flags=re.DOTALL)
            if "\n" not in bare and "\r" in bare:
                return "\r"
    return "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"


def split_lines(text: str, line_end: str) -> list[str]:
    """The physical lines, a CR before an LF taken off."""
    lines = text.split("\r" if line_end == "\r" else "\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def detect_dialect(text: str, *, names: Iterable[str] = (), options: ReadOptions = _NOTHING_GIVEN) -> Dialect:
    """Find out how a text is written.

    Args:
        text: the first part of the file, of whole lines if it is not all of it.
        names: column names to be expected, if any are known.
        options: what is known already.
    """
    line_end = options.line_end or line_end_of(text, options.quote or '"')
    lines = [line for line in split_lines(text, line_end)[:SAMPLE_LINES] if line.strip()]
    expected = frozenset(names)
    best = options.apply(Dialect(delimiter=",", line_end=line_end))
    best_score = 0.0
    quotes = _quotes(lines) if options.quote is None else [options.quote]
    for quote in quotes:
        delimiters = _delimiters(lines, quote) if options.delimiter is None else [options.delimiter]
        for delimiter in delimiters:
            dialect = Dialect(delimiter=delimiter, quote=quote or None, line_end=line_end)
            escape = _escape(lines, dialect) if options.escape is None else options.escape
            dialect = dialect.model_copy(update={"escape": escape or None})
            score = _score(lines, dialect, expected)
            if score >= best_score:
                best, best_score = dialect, score
    return best


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


def _delimiters(lines: Sequence[str], quote: str) -> list[str]:
    """Delimiters worth trying; where one nearly always comes with the same signs around it, with these as well."""
    sign = re.escape(quote)
    bare = [re.sub(f"{sign}.*?{sign}", quote, line) if quote else line for line in lines]
    found = [one for one in _DELIMITERS if any(one in line for line in bare)]
    chosen = []
    for one in found:
        longer = _with_company(bare, one)
        if longer is None or _evenness(lines, longer, quote) < _evenness(lines, one, quote):
            chosen.append(one)
        if longer is not None:
            chosen.append(longer)
    return list(dict.fromkeys(chosen))


def _evenness(lines: Sequence[str], delimiter: str, quote: str) -> float:
    """The share of records that have as many cells as most, with a delimiter."""
    records = read_records(lines, Dialect(delimiter=delimiter, quote=quote or None))
    widths = Counter(len(record.fields or []) for record in records)
    return max(widths.values()) / len(records)


def _with_company(lines: Sequence[str], sign: str) -> str | None:
    """A sign with what nearly always stands before and after it: `, ` or `||` or `|~|`."""
    around = re.escape(" \t".join(_DELIMITERS))
    runs = Counter(run for line in lines for run in re.findall(rf"[{around}]*{re.escape(sign)}[{around}]*", line))
    company = runs.most_common(1)[0][0]
    # Around an empty cell it stands twice.
    count = sum(times for run, times in runs.items() if not run.replace(company, ""))
    is_common = count > _COMPANY_SHARE * runs.total()
    return company if is_common and len(company) > 1 and company.strip() else None


def _score(lines: Sequence[str], dialect: Dialect, expected: frozenset[str]) -> float:
    """How well a dialect explains the lines: rows of one width, of several columns, of cells that look like values."""
    records = read_records(lines, dialect)
    rows = [record.fields for record in records if record.fields is not None]
    if not rows:
        return 0.0
    widths = Counter(len(row) for row in rows)
    width, count = max(widths.items(), key=lambda item: (item[1] * (1 if item[0] > 1 else 0.02), item[0]))
    if width == 1:
        return 0.0
    share = count / len(records)
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
