"""A header that comes again among the records, on each page or where files were put together: it is no record."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tasks.models import Finding


def without_header(records: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Records without those that are the header once more, cell for cell but for blanks around them.

    Args:
        records: all text.
        names: what the header says of each column, by the column in the records. A single one proves nothing.
    """
    if len(names) < 2 or not records.height:
        return records
    last = list(names)[-1]
    if not records.get_column(last).fill_null("").str.strip_chars_end().str.ends_with(names[last].strip()).any():
        return records  # nearly always
    cells = (pl.col(column).fill_null("").str.strip_chars() == name.strip() for column, name in names.items())
    return records.filter(~pl.all_horizontal(cells))


def header_finding(count: int) -> Finding | None:
    """What to say of a file in which so many lines were the header once more."""
    if not count:
        return None
    message = "the header comes again further down, as on pages or in files put together; it is counted as blank there"
    return Finding(code="repeated_header", message=message, count=count)
