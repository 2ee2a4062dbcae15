"""Texts counted by the dictionaries that Parquet keeps of them, so that few different ones are never put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

_AT_ONCE = 500_000  # different texts of row groups that wait to be added up
_NONE = pl.DataFrame(schema={"value": pl.String, "count": pl.Int64})


def counted_texts(paths: Iterable[Path], column: str, most: int) -> pl.DataFrame | None:
    """How often each text of a column occurs: `value` and `count`, in any order; None of more than `most` texts."""
    known, waiting, rows = _NONE, [], 0
    for part in _counted(paths, column):
        waiting.append(part)
        rows += part.height
        if rows > _AT_ONCE:
            known, waiting, rows = _added_up([known, *waiting]), [], 0
            if known.height > most:
                return None
    known = _added_up([known, *waiting])
    return known if known.height <= most else None


def _counted(paths: Iterable[Path], column: str) -> Iterator[pl.DataFrame]:
    """How often each text of a row group occurs."""
    for path in (path for path in paths if column in pq.read_schema(path).names):
        with pq.ParquetFile(path, read_dictionary=[column]) as file:
            for group in range(file.num_row_groups):
                for chunk in file.read_row_group(group, [column], use_threads=False).column(0).chunks:
                    # By DLPack, since `to_numpy` of an Arrow array imports pandas.
                    numbers = np.from_dlpack(chunk.indices.drop_null())
                    count = np.bincount(numbers, minlength=len(chunk.dictionary))
                    yield pl.DataFrame([pl.Series("value", chunk.dictionary, pl.String), pl.Series("count", count)])


def _added_up(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).group_by("value").agg(pl.col("count").sum())
