"""Values keep the numbers that they were given, and others have none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.analyze import numbering as numbering_module
from tasks.analyze.numbering import MemberNumbering, Numbering

wholes = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)


@given(st.lists(wholes, unique=True), st.integers(0, 20), st.lists(wholes))
def test_each_value_has_its_place_and_a_stranger_none(values: list[int], first: int, others: list[int]) -> None:
    asked = np.array([*values, *others], np.int64)
    numbering = Numbering()

    for some in (values[:first], values[first:]):
        numbering.add(np.array(some, np.int64))
    numbers = numbering.of(asked)

    places = {value: place for place, value in enumerate(values)}
    assert numbers.tolist() == [places.get(value, -1) for value in asked.tolist()]


def test_many_values_that_begin_at_the_same_place_of_the_table() -> None:
    period = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))  # a step that moves the place by one in 2**64: not at all
    values = (np.arange(500, dtype=np.uint64) * period).view(np.int64)

    numbering = Numbering()

    numbering.add(values)

    assert numbering.of(values[::-1]).tolist() == list(range(500))[::-1]


@given(st.lists(st.sampled_from(["", "a", "b", "c"]) | st.none()), st.integers(0, 10))
def test_members_that_come_a_few_at_a_time_are_numbered_once(values: list[str | None], first: int) -> None:
    numbering = MemberNumbering(pl.String())

    for some in (values[:first], values[first:]):
        numbering.add(pl.Series(some, dtype=pl.String))
    numbers = numbering.of(pl.Series(values, dtype=pl.String))

    members = numbering.members.to_list()
    assert numbering.are_told_apart
    assert sorted(members) == sorted({value for value in values if value is not None})
    assert [None if at < 0 else members[at] for at in numbers] == values


def test_texts_of_one_hash_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering_module, "_codes", lambda values: np.zeros(values.len(), np.int64))
    at_once, in_turn = MemberNumbering(pl.String()), MemberNumbering(pl.String())

    at_once.add(pl.Series(["a", "b"]))
    for some in ("a", "b"):
        in_turn.add(pl.Series([some]))

    assert not at_once.are_told_apart
    assert not in_turn.are_told_apart
