from __future__ import annotations

from random import Random

import polars as pl
import pytest

from tasks.ingest.spread_rows import SpreadRows


@pytest.mark.parametrize("rows", [0, 1, 19, 20, 21, 39, 1000, 4321])
@pytest.mark.parametrize("longest", [1, 7, 5000])
def test_rows_are_kept_at_even_distances(rows: int, longest: int) -> None:
    random, spread, at = Random(rows), SpreadRows(10), 0
    while at < rows:
        size = min(random.randint(1, longest), rows - at)
        spread.add(pl.DataFrame({"row": [str(row) for row in range(at, at + size)]}))
        at += size
    kept = [int(row) for row in spread.rows()["row"]] if rows else []
    step = kept[1] - kept[0] if len(kept) > 1 else 1
    assert kept == list(range(0, rows, step))
    assert min(rows, 10) <= len(kept) < 20 or step == 1


def test_columns_may_come_later() -> None:
    spread = SpreadRows(10)
    spread.add(pl.DataFrame({"a": ["1"]}))
    spread.add(pl.DataFrame({"a": ["2"], "b": ["3"]}))
    assert spread.rows().rows() == [("1", None), ("2", "3")]
