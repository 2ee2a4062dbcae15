"""What every format's reader yields: a stretch of a file as records, with nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from tasks.ingest.letters import Letter


class RecordBlock(NamedTuple):
    """A stretch of records: read = records.height + len(dead) + blank.

    JSON values are text as they are written: strings without quotes and escapes, numbers with all their digits, objects
    and arrays as JSON; null is null, and so is what an object lacks. Parquet columns keep their types.
    """

    records: pl.DataFrame  # the columns of the file known by now, then `__line` and `__span`
    dead: list[Letter]  # in the order of the file
    blank: int
    locate: Callable[[pl.DataFrame], list[Letter]]  # where some of the records lie, and their bytes; without a code
