"""Whether what is given about a text file fits it: said, never overruled."""

from __future__ import annotations

from tasks.ingest.dialect import SAMPLE_LINES, detect_dialect
from tasks.ingest.encoding import detect_encoding, given_encoding
from tasks.ingest.options import ReadOptions
from tasks.ingest.text_lines import read_records, split_lines
from tasks.models import Dialect, Finding

_SURE = 0.8
CODE = "pin_in_doubt"


def pin_doubts(options: ReadOptions, data: bytes, text: str, dialect: Dialect) -> list[Finding]:
    """What speaks against what is given.

    Args:
        options: what is given.
        data: the first part of the file.
        text: the same, decoded as it is read.
        dialect: as it is read.
    """
    return [doubt for doubt in (encoding_doubt(options, data), _delimiter_doubt(options, text, dialect)) if doubt]


def encoding_doubt(options: ReadOptions, data: bytes) -> Finding | None:
    """What speaks against the encoding; None where it makes the same text as the one that was found."""
    if options.encoding is None:
        return None
    given, found = given_encoding(options.encoding, data), detect_encoding(data)
    if found.confidence < _SURE or found.is_fallback or given.name == found.name:
        return None
    if data.decode(given.name, "replace") == data.decode(found.name, "replace"):
        return None
    message = f"read as {given.name}, which is given; its bytes look like {found.name} ({found.evidence})"
    return Finding(code=CODE, message=message)


def _delimiter_doubt(options: ReadOptions, text: str, dialect: Dialect) -> Finding | None:
    """One column with the delimiter that is given, and several with the one that was found."""
    if options.delimiter is None:
        return None
    lines = [line for line in split_lines(text, dialect.line_end)[:SAMPLE_LINES] if line.strip()]
    if _width(lines, dialect) > 1:
        return None
    found = detect_dialect(text, options=options._replace(delimiter=None))
    if _width(lines, found) == 1:
        return None
    message = (
        f"parted by {dialect.delimiter!r}, which is given, the lines have one column; {found.delimiter!r} fits better"
    )
    return Finding(code=CODE, message=message)


def _width(lines: list[str], dialect: Dialect) -> int:
    return max((len(record.fields or []) for record in read_records(lines, dialect)), default=1)


def given_words(options: ReadOptions) -> str:
    """What is given, in words; empty where nothing is."""
    given = {name: value for name, value in options._asdict().items() if value is not None}
    return ", ".join(f"{name} {'none' if value == '' else repr(value)}" for name, value in given.items())
