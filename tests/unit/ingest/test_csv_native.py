from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tasks.ingest.csv_native import numbered
from tasks.ingest.csv_plan import DOUBT


@pytest.mark.parametrize("sizes", [[3], [2, 1], [1, 0, 4], [0]])
def test_rows_are_numbered_in_the_chunks_they_come_in(sizes: list[int]) -> None:
    parts = [
        pl.DataFrame({"id": range(size), DOUBT: [False] * size}, schema={"id": pl.Int64, DOUBT: pl.Boolean})
        for size in sizes
    ]
    read = pl.concat(parts, rechunk=False)
    rows = numbered(read, np.arange(7, 7 + read.height))
    assert rows.schema == {"id": pl.Int64, "__line": pl.Int64, "__span": pl.UInt32}
    assert rows["__line"].to_list() == list(range(7, 7 + read.height))
    assert rows["__span"].to_list() == [1] * read.height
    cuts = [column.chunk_lengths() for column in rows.iter_columns()]
    assert cuts == [cuts[0]] * 3
    assert rows.n_chunks() == read.n_chunks()
