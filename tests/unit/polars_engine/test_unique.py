"""Uniqueness is exact, whatever hashes the keys have, and counted part by part where there are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.polars_engine import engine
from expectations.polars_engine.check import check_frame
from expectations.polars_engine.conditions import unique
from expectations.polars_engine.conditions.unique import Duplicates, find_duplicates, hash_key, may_repeat, recheck
from expectations.polars_engine.context import ephemeral_context
from expectations.polars_engine.suite import load_suite
from tests.unit.polars_engine.frames import expectation, suite_text

KEYS = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 3) | st.none()), max_size=25)


def coarse(key: Sequence[pl.Expr]) -> pl.Expr:
    """A hash of two bits: nearly every two keys share one."""
    return hash_key(key) % 4


def exact(found: Duplicates, key: Sequence[pl.Expr], frame: pl.DataFrame) -> Duplicates:
    return recheck(found, key, frame.lazy().filter(found.contain(key)))


@settings(max_examples=60, deadline=None)
@given(rows=KEYS)
def test_keys_that_share_a_hash_are_told_apart(rows: list[tuple[str | None, int | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.String, "y": pl.Int64}, orient="row")
    key = [pl.col("x"), pl.col("y")]
    counted = Counter(rows)
    for made in (hash_key, coarse):
        found = exact(find_duplicates(frame.lazy(), key, pl.lit(value=True), frame.height, made), key, frame)
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
    found = exact(find_duplicates(frame.lazy().filter(may_repeat(x, known)), key, everything, frame.height), key, frame)
    whole = exact(find_duplicates(frame.lazy(), key, everything, frame.height), key, frame)
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


@pytest.mark.parametrize("whole_rows", [True, False])
def test_rows_that_only_share_a_hash_are_not_rejected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, whole_rows: bool
) -> None:
    monkeypatch.setattr(engine, "find_duplicates", partial(find_duplicates, hash_key=coarse))
    frame = pl.LazyFrame({"x": ["a", "b", "b", None, "c", "d", "e", "f"], "y": [1, 1, 1, 1, 2, 3, 4, 5]})
    text = suite_text(
        expectation("column_values_to_be_unique", column="x"),
        expectation("compound_columns_to_be_unique", column_list=["y", "x"]),
    )
    if whole_rows:
        result = check_frame(
            frame, load_suite(text), keep=["y"], rejected_path=tmp_path / "rejected.parquet", data_docs_dir=None
        )
        assert pl.read_parquet(result.rejected_path).select("x", "failed").rows() == [("b", [0, 1])] * 2
        assert [outcome.unexpected for outcome in result.outcomes] == [2, 2]
        return
    source = ephemeral_context().data_sources.add_polars("polars")
    batch = source.add_dataframe_asset("a").add_batch_definition_whole_dataframe("b").get_batch({"dataframe": frame})
    found = batch.validate(load_suite(text), result_format="COMPLETE").results
    assert [one.result["unexpected_index_list"] for one in found] == [[1, 2], [1, 2]]


def test_what_is_known_to_be_unique_is_not_looked_into(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"x": [1, 1, 2], "y": [1, 1, 1]})
    text = suite_text(
        expectation("column_values_to_be_unique", column="x"),
        expectation("column_values_to_be_unique", column="y"),
        expectation("compound_columns_to_be_unique", column_list=["y", "x"]),
    )
    suite, rejected = load_suite(text), tmp_path / "rejected.parquet"
    result = check_frame(
        frame, suite, keep=["x"], rejected_path=rejected, data_docs_dir=None, known_unique=[["x"]]
    )  # which is not so: only to see what is taken for granted
    assert [outcome.unexpected for outcome in result.outcomes] == [0, 3, 0]
