"""A header that comes again among the records, on each page or where files were put together: it is no record."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tasks.dead_letters.letter import REASON
from tasks.ingest.letters import cast_letters, reason
from tasks.models import Finding

REPEATED_HEADER = "repeated_header"  # the reason, and the finding
_MESSAGE = "the record is the file's header once more"


def part_headers(records: pl.DataFrame, names: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records that are the header once more, cell for cell but for blanks around them, and the others.

    Args:
        records: all text.
        names: what the header says of each column, by the column in the records. A single one proves nothing.
    """
    if len(names) < 2 or not records.height:
        return records.clear(), records
    column, name = list(names.items())[-1]
    ends_alike = pl.col(column).str.strip_chars_end().str.ends_with(name.strip())
    if name.strip() and not records.select_seq(ends_alike.any()).item():
        return records.clear(), records  # nearly always
    cells = (pl.col(column).fill_null("").str.strip_chars() == name.strip() for column, name in names.items())
    is_header = records.select_seq(pl.all_horizontal(cells)).to_series()
    return records.filter(is_header), records.filter(~is_header)


def header_letters(found: pl.DataFrame) -> pl.DataFrame:
    """Records that are the header once more (`letters.FOUND`), as dead letters."""
    reasons = pl.Series([[reason(REPEATED_HEADER, _MESSAGE)]], dtype=pl.List(REASON))
    return cast_letters(found, reasons.new_from_index(0, found.height))


def header_finding(count: int) -> Finding | None:
    """What to say of a file in which so many lines were the header once more."""
    if not count:
        return None
    message = "the header comes again further down, as on pages or in files put together: it is no row there"
    return Finding(code=REPEATED_HEADER, message=message, count=count)
