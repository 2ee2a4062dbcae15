"""Values keep the numbers that they were given, and others have none."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.analyze.numbering import Numbering

wholes = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)


@given(st.lists(wholes, unique=True), st.lists(wholes))
def test_each_value_has_its_place_and_a_stranger_none(values: list[int], others: list[int]) -> None:
    asked = np.array([*values, *others], np.int64)

    numbers = Numbering(np.array(values, np.int64)).of(asked)

    places = {value: place for place, value in enumerate(values)}
    assert numbers.tolist() == [places.get(value, -1) for value in asked.tolist()]


def test_many_values_that_begin_at_the_same_place_of_the_table() -> None:
    period = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))  # a step that moves the place by one in 2**64: not at all
    values = (np.arange(500, dtype=np.uint64) * period).view(np.int64)

    assert Numbering(values).of(values[::-1]).tolist() == list(range(500))[::-1]
