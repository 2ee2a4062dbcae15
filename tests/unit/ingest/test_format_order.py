from __future__ import annotations

from itertools import permutations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.contract import Column, Contract
from tasks.ingest.cast_time import by_format
from tasks.ingest.format_order import are_apart, in_order_of_use

FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y/%m/%d %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M",
)


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", True),
        ("%d/%m/%Y", "%d.%m.%Y", True),
        ("%d/%m/%Y", "%m/%d/%Y", False),
        ("%Y-%m-%d", "%Y-%m-%d %H", False),
        ("%Y%m%d", "%Y-%m-%d", False),
        ("%H:%M:%S%.f", "%H:%M:%S%.3f", False),
        ("%Y-%m-%d", "%Y%m%d", False),
    ],
)
def test_formats_are_apart_where_another_sign_follows_the_same_beginning(one: str, other: str, is_so: bool) -> None:
    assert are_apart(one, other) is is_so


@settings(max_examples=60)
@given(
    st.builds(
        "{}{}{}{}{}{}{}:{}{}".format,
        st.integers(0, 2030),
        st.sampled_from("-/."),
        st.integers(0, 40),
        st.sampled_from("-/."),
        st.integers(0, 2030),
        st.sampled_from([" ", "T", "  ", "", "T "]),
        st.integers(0, 30),
        st.integers(0, 61),
        st.sampled_from(["", ":07", ":60", ":07.5"]),
    )
)
def test_no_text_has_both_of_two_formats_that_are_apart(text: str) -> None:
    column = Column.model_validate({"type": "datetime", "formats": FORMATS})
    read = pl.select(by_format(pl.lit(text), form, column).alias(form) for form in FORMATS).row(0)
    has_it = {form for form, value in zip(FORMATS, read, strict=True) if value is not None}
    assert not any(are_apart(one, other) for one, other in permutations(has_it, 2))


def test_the_format_of_the_first_value_is_tried_first_where_that_changes_nothing() -> None:
    columns = {
        "at": {"type": "datetime", "formats": FORMATS[:2]},
        "day": {"type": "date", "formats": ["%d/%m/%Y", "%m/%d/%Y"]},
    }
    contract = Contract.model_validate({"dataset": "any", "columns": columns})
    records = pl.DataFrame({"at": [None, "2024-01-05T10:00:00"], "day": ["12/31/2024", "01/02/2024"]})
    ordered = in_order_of_use(contract, records).columns
    assert ordered["at"].formats == (FORMATS[1], FORMATS[0])
    assert ordered["day"].formats == ("%d/%m/%Y", "%m/%d/%Y")
