"""What is written in pieces is read again as it was, by every library that an engine reads with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tasks.spilled_parquet import spilled_rows

SCHEMA = pl.Schema(
    {
        "whole": pl.Int64(),
        "span": pl.UInt32(),
        "decimal": pl.Decimal(18, 2),
        "float": pl.Float64(),
        "is": pl.Boolean(),
        "day": pl.Date(),
        "local": pl.Datetime("us"),
        "time": pl.Datetime("us", "UTC"),
        "text": pl.String(),
    }
)
_EXTREMES = {
    "whole": [-(2**63), 2**63 - 1, None, 0, -(2**63)],
    "span": [2**32 - 1, 0, None, 1, 2**32 - 1],
    "decimal": [Decimal("-9999999999999999.99"), Decimal("9999999999999999.99"), None, Decimal("0.01"), Decimal(0)],
    "float": [-1e308, 1e-308, None, 0.1, -0.0],
    "is": [True, False, None, True, True],
    "day": [date(1, 1, 1), date(9999, 12, 31), None, date(1970, 1, 1), date(1969, 12, 31)],
    "local": [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999), None, datetime(1970, 1, 1), None],  # noqa: DTZ001  (local)
    "time": [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), None, None, None],
    "text": ["", "a\n\x01é", None, "NULL", "x" * 1000],
}


def _written(frames: Iterator[pl.DataFrame], path: Path) -> Path:
    rows = spilled_rows(path)
    for frame in frames:
        rows.add(frame)
    rows.close()
    return path


@pytest.mark.parametrize("times", [1, 100])
def test_every_value_of_every_type_comes_back(times: int, tmp_path: Path) -> None:
    frame = pl.DataFrame(_EXTREMES, schema=SCHEMA)
    path = _written((frame for _ in range(times)), tmp_path / "rows")
    expected = pl.concat([frame] * times)
    assert_frame_equal(pl.read_parquet(path), expected)
    assert_frame_equal(pl.DataFrame(pl.from_arrow(pq.read_table(path))), expected)
    read = duckdb.read_parquet(str(path)).pl()
    assert_frame_equal(read.cast(SCHEMA), expected)


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=300))
def test_whole_numbers_keep_their_value(tmp_path_factory: pytest.TempPathFactory, values: list[int | None]) -> None:
    frame = pl.DataFrame({"whole": values}, schema={"whole": pl.Int64()})
    path = tmp_path_factory.mktemp("rows") / "rows"
    _written(iter([frame.head(7), frame.head(0), frame.tail(-7)]), path)
    assert path.exists() == bool(values)
    if values:
        assert_frame_equal(pl.read_parquet(path), frame)
