"""Uniqueness is exact, whatever hashes the keys have, and counted part by part where there are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.polars_engine.conditions import unique
from expectations.polars_engine.conditions.unique import find_duplicates, hash_key, may_repeat

KEYS = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 3) | st.none()), max_size=25)


def coarse(key: Sequence[pl.Expr]) -> pl.Expr:
    """A hash of two bits: nearly every two keys share one."""
    return hash_key(key) % 4


@settings(max_examples=60, deadline=None)
@given(rows=KEYS)
def test_keys_that_share_a_hash_are_told_apart(rows: list[tuple[str | None, int | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.String, "y": pl.Int64}, orient="row")
    key = [pl.col("x"), pl.col("y")]
    counted = Counter(rows)
    for made in (hash_key, coarse):
        found = find_duplicates(frame.lazy(), key, pl.lit(value=True), frame.height, made)
        twins = frame.with_columns(twin=found.contain(key))["twin"].to_list()
        assert twins == [counted[row] > 1 for row in rows]


@settings(max_examples=60, deadline=None)
@given(rows=KEYS)
def test_what_a_part_of_the_key_repeats_is_all_that_need_be_looked_at(
    rows: list[tuple[str | None, int | None]],
) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.String, "y": pl.Int64}, orient="row")
    x, key, everything = pl.col("x"), [pl.col("x"), pl.col("y")], pl.lit(value=True)
    known = find_duplicates(frame.lazy(), [x], x.is_not_null(), frame.height)
    found = find_duplicates(frame.lazy().filter(may_repeat(x, known)), key, everything, frame.height)
    whole = find_duplicates(frame.lazy(), key, everything, frame.height)
    assert frame.select(found.contain(key)).equals(frame.select(whole.contain(key)))


def test_many_keys_are_counted_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.LazyFrame({"x": [*range(1000), 5, 77, 77]})
    key = [pl.col("x")]
    monkeypatch.setattr(unique, "ROWS_A_PARTITION", 100)
    found = find_duplicates(frame, key, pl.lit(value=True), 1003)
    twins = frame.filter(found.contain(key)).collect()["x"].to_list()
    assert twins == [5, 77, 5, 77, 77]


def test_only_rows_of_the_domain_count() -> None:
    frame = pl.LazyFrame({"x": [1, 1, 2, 2], "counts": [True, False, True, True]})
    key = [pl.col("x")]
    found = find_duplicates(frame, key, pl.col("counts"), 4)
    assert frame.filter(found.contain(key)).collect()["x"].to_list() == [2, 2]
