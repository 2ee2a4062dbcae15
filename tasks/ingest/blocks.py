"""What every format's reader yields: a stretch of a file as records of text, with nothing lost."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl


class RecordBlock(NamedTuple):
    """A stretch of records: read = records.height + dead["records"].sum() + blank."""

    records: pl.DataFrame  # the file's columns, each String (null: the record lacks it), then __line and __span
    raw: pl.Series | None  # Binary, a value a record, verbatim; None where it can be cut from `source` by line and span
    dead: pl.DataFrame  # LETTER_SCHEMA without file and file_digest
    read: int
    blank: int
