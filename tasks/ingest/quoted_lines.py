"""Lines in quotes as a whole: a table that lay in one column (docs/decisions/0097-quoted-lines.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.ingest.cell_kinds import TYPED, kind_of
from tasks.ingest.csv_grammar import split_record
from tasks.ingest.text_lines import read_records
from tasks.models import Dialect

_QUOTED = r'"([^"]*(?:""[^"]*)*)"'
_LINES = re.compile(rf"^{_QUOTED}(?=\r?$)", re.MULTILINE)
_LEAST_LINES, _SHARE = 3, 0.8
_DELIMITERS = ",;\t|"
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))


def are_quoted(lines: Sequence[str]) -> bool:
    """Whether nearly all lines are one cell in quotes each; the first one may be bare."""
    if sum(line.startswith('"') for line in lines) < _LEAST_LINES:
        return False
    quoted = sum(1 + line[0].count("\n") for line in _LINES.finditer("\n".join(lines)))
    return quoted >= max(_LEAST_LINES, _SHARE * (len(lines) - 1))


def bare(text: str) -> str:
    """Lines without the quotes around them, and with single ones in them."""
    return _LINES.sub(lambda line: line[1].replace('""', '"'), text)


def unwrapped(line: str, dialect: Dialect, width: int) -> list[str] | None:
    """The cells of a line that is in quotes as a whole among others that are not; None unless it has one a column."""
    whole = split_record(line, dialect) if dialect.quote and line.startswith(dialect.quote) else None
    fields = split_record(whole[0], dialect) if whole is not None and len(whole) == 1 < width else None
    return fields if fields is not None and len(fields) == width else None


def is_table(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether what was in quotes as whole lines is a table beyond doubt, and neither sentences nor objects."""
    sign = dialect.delimiter
    if sign not in _DELIMITERS:
        return False
    rows = [record.fields or [] for record in read_records(lines, dialect)]
    width, others = len(rows[0]), len(rows) - 1
    is_even = sum(len(row) == width for row in rows) >= _SHARE * len(rows)
    is_prose = 2 * sum(line.count(f"{sign} ") for line in lines) > sum(line.count(sign) for line in lines)
    is_torn = 2 * sum(any(map(_is_torn, row)) for row in rows) > len(rows)
    typed = sum(any(kind_of(cell) in TYPED for cell in row) for row in rows[1:])
    is_wide = width > 2 or (width == 2 and typed >= _SHARE * others)
    return is_even and is_wide and not is_prose and not is_torn


def _is_torn(cell: str) -> bool:
    """Whether brackets open in a cell that do not close there, as where an object is taken apart."""
    return any(cell.count(opening) != cell.count(closing) for opening, closing in _BRACKETS)
