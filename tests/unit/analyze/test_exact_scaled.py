"""Whole steps in the unit that tables show, rounded once."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.analyze.exact import scaled


@given(st.lists(st.none() | st.integers(-(2**50), 2**50), min_size=1), st.integers(0, 9))
def test_cents_become_the_nearest_float(steps: list[int | None], digits: int) -> None:
    frame = pl.DataFrame({"steps": steps}, schema={"steps": pl.Int64})
    found = frame.select(scaled(pl.col("steps"), Fraction(1, 10**digits))).to_series().to_list()
    assert found == [None if step is None else step / 10**digits for step in steps]
