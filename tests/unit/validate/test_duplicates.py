"""Duplicates: equal in every column to an earlier row with the same key."""

import polars as pl
import pytest

from expectations.contract import Contract
from tasks.validate.duplicates import find_duplicates
from tasks.validate.frames import PART


def contract(*unique_key: str) -> Contract:
    columns = {"id": {"type": "integer"}, "text": {"type": "string"}}
    return Contract.model_validate({"dataset": "d", "columns": columns, "unique_key": unique_key})


def batch(rows: list[tuple[int, int, int | None, str | None]]) -> pl.LazyFrame:
    schema = {PART: pl.UInt32, "__line": pl.Int64, "id": pl.Int64, "text": pl.String}
    return pl.LazyFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize(
    ("rows", "dropped"),
    [
        ([(0, 2, 1, "a"), (0, 3, 1, "a"), (0, 4, 2, "a")], [(0, 3)]),
        ([(0, 2, 1, "a"), (1, 2, 1, "a"), (1, 3, 1, "a")], [(1, 2), (1, 3)]),
        ([(1, 9, 1, "a"), (0, 2, 1, "a")], [(1, 9)]),
        ([(0, 2, 1, "a"), (0, 3, 1, "b")], []),
        ([(0, 2, None, None), (0, 3, None, None)], [(0, 3)]),
        ([(0, 2, 1, "a"), (0, 3, 1, "b"), (0, 4, 1, "a"), (0, 5, 1, "b")], [(0, 4), (0, 5)]),
        ([], []),
    ],
    ids=[
        "next line",
        "other file",
        "order of files, not of rows",
        "same key, other text",
        "nulls are equal",
        "two pairs under one key",
        "nothing",
    ],
)
def test_all_but_the_first_of_equal_rows_are_dropped(
    rows: list[tuple[int, int, int | None, str | None]], dropped: list[tuple[int, int]]
) -> None:
    assert find_duplicates(batch(rows), contract("id")).rows.rows() == dropped


def test_without_a_unique_key_nothing_is_a_duplicate() -> None:
    assert find_duplicates(batch([(0, 2, 1, "a"), (0, 3, 1, "a")]), contract()).rows.rows() == []


@pytest.mark.parametrize(
    ("ids", "kind", "is_key_unique"),
    [
        ([1, 2, None], "integer", True),
        ([1, 2, 1], "integer", False),
        ([None, None], "integer", False),
        ([1, 2], "float", False),
    ],
    ids=["each once", "one twice", "nulls are equal", "NaN and null would not be"],
)
def test_a_key_is_known_to_be_unique_where_that_was_seen(
    ids: list[int | None], kind: str, *, is_key_unique: bool
) -> None:
    rows: list[tuple[int, int, int | None, str | None]] = [(0, line, id_, f"{line}") for line, id_ in enumerate(ids)]
    frame = batch(rows).with_columns(pl.col("id").cast(pl.Float64 if kind == "float" else pl.Int64))
    columns = {"id": {"type": kind}, "text": {"type": "string"}}
    of_kind = Contract.model_validate({"dataset": "d", "columns": columns, "unique_key": ["id"]})
    assert find_duplicates(frame, of_kind).is_key_unique == is_key_unique
