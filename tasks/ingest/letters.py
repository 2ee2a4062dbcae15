"""Dead letters as ingest makes them: one by one in Python, or as columns where there may be very many."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import polars as pl

from tasks.dead_letters.letter import LETTER_SCHEMA, REASON
from tasks.models import Stage

MESSAGES = {
    "too_few_fields": "the record has fewer fields than the header has columns",
    "too_many_fields": "the record has more fields than the header has columns",
    "bad_quote": "a quote is not closed, or is followed by something that is neither a delimiter nor the line's end",
    "nul_byte": "the record holds a NUL byte",
    "bad_json": "the record is not valid JSON",
    "not_an_object": "the record is JSON, but not an object with keys",
    "invalid_encoding": "the record holds bytes that are not valid in the file's encoding",
}


# What a reader hands on: the file's name and digest are filled in when the letters are written.
READ_SCHEMA = pl.Schema({name: kind for name, kind in LETTER_SCHEMA.items() if name not in ("file", "file_digest")})

NO_LETTERS = pl.DataFrame(schema=READ_SCHEMA)


class Letter(NamedTuple):
    """One record that could not be read."""

    line: int
    last_line: int
    byte_offset: int | None
    raw: bytes | None
    code: str


FOUND = pl.Schema(
    {"line": pl.Int64, "last_line": pl.Int64, "byte_offset": pl.Int64, "raw": pl.Binary, "code": pl.String}
)
NONE_FOUND = pl.DataFrame(schema=FOUND)


def as_columns(letters: list[Letter]) -> pl.DataFrame:
    """Letters as `FOUND`."""
    return pl.DataFrame(letters, schema=FOUND, orient="row")


def as_letters(found: pl.DataFrame) -> list[Letter]:
    """`FOUND` as letters."""
    return [Letter(*row) for row in found.iter_rows()]


def parse_letters(found: pl.DataFrame) -> pl.DataFrame:
    """Records that could not be read (`FOUND`), as dead letters."""
    if not found.height:
        return NO_LETTERS
    codes = found.get_column("code").cast(pl.Enum(list(MESSAGES))).to_physical()
    return _frame(found, Stage.PARSE, _known_reasons().gather(codes))


@cache
def _known_reasons() -> pl.Series:
    """What is said of each code, in the order of `MESSAGES`: made once, as a file may have millions of these."""
    return pl.Series([[reason(code, message)] for code, message in MESSAGES.items()], dtype=pl.List(REASON))


def cast_letters(found: pl.DataFrame, reasons: pl.Series) -> pl.DataFrame:
    """Records with values that do not cast (`FOUND`), as dead letters."""
    return _frame(found, Stage.CAST, reasons)


def _frame(found: pl.DataFrame, stage: Stage, reasons: pl.Series) -> pl.DataFrame:
    places = (found.get_column(name) for name in ("line", "last_line", "byte_offset"))
    same = [_same("records", 1, found.height), found.get_column("raw"), _same("stage", stage.value, found.height)]
    return pl.DataFrame([*places, *same, reasons.alias("reasons")], schema=READ_SCHEMA)


def _same(name: str, value: int | str, count: int) -> pl.Series:
    return pl.Series(name, [value], READ_SCHEMA[name]).new_from_index(0, count)


def reason(code: str, message: str, column: str | None = None) -> dict[str, str | None]:
    """One reason, as the dead-letter schema wants it."""
    return {
        "code": code,
        "rule_id": None,
        "column": column,
        "severity": "critical",
        "status": "failed",
        "message": message,
    }


def file_letter(code: str, message: str, records: int) -> pl.DataFrame:
    """A whole file as one dead letter."""
    return pl.DataFrame(
        {
            "line": [0],
            "last_line": [0],
            "byte_offset": [None],
            "records": [records],
            "raw": [None],
            "stage": [Stage.PARSE.value],
            "reasons": [[reason(code, message)]],
        },
        schema=READ_SCHEMA,
    )
