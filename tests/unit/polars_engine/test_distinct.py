"""A test made of the distinct texts says what it says of each text."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.polars_engine.conditions.distinct import by_distinct, is_one_of

TEXTS = st.lists(st.sampled_from([*"abcdefghijklmnopqrstuvwxyz", "", "ä", "a longer one than fits", None]), max_size=60)


def is_vowel(values: pl.Series) -> pl.Series:
    return values.str.contains("[aeiou]")


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, repeated=st.integers(1, 40))
def test_each_value_gets_its_own_answer(texts: list[str | None], repeated: int) -> None:
    values = pl.Series("x", texts * repeated, dtype=pl.String)
    found = values.to_frame().lazy().select(by_distinct(pl.col("x"), is_vowel)).collect()["x"]
    assert found.to_list() == is_vowel(values).to_list()


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, known=st.lists(st.sampled_from("abcdefghijklmno"), unique=True))
def test_one_of_a_few_or_of_many(texts: list[str | None], known: list[str]) -> None:
    frame = pl.DataFrame({"x": pl.Series(texts, dtype=pl.String)})
    found = frame.filter(is_one_of(pl.col("x"), pl.Series(known, dtype=pl.String)))["x"].to_list()
    assert found == [text for text in texts if text in known]


def test_texts_that_hardly_repeat_are_tested_as_they_stand() -> None:
    seen: list[int] = []

    def count(values: pl.Series) -> pl.Series:
        seen.append(len(values))
        return is_vowel(values)

    many = pl.DataFrame({"x": [f"{number}a" for number in range(5_000)]})
    few = pl.DataFrame({"x": ["a", "b"] * 2_500})
    for frame in (many, few):
        frame.select(by_distinct(pl.col("x"), count))
    assert seen == [5_000, 2]
