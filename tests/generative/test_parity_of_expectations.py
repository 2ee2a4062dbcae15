"""Every expectation that pandas knows says the same on Polars: verdict, counts, percentages, rows, observed value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from great_expectations.expectations.row_conditions import Column
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.generative.parity_oracle import ROW, Oracle

TEXTS = ["", "a", "ab", "B", "é", "日本", "10", "a\n", "null", " x", "2024-01-02", '{"k": 1}']
MOMENTS = [dt.datetime(2024, 1, day, hour) for day in (1, 2, 3) for hour in (0, 6)]  # noqa: DTZ001
CELLS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "whole": (pl.Int64, st.integers(-3, 6) | st.sampled_from([2**40, -(2**40)])),
    "other": (pl.Int64, st.integers(-3, 6)),
    "real": (pl.Float64, st.sampled_from([-1.5, -0.0, 0.0, 0.5, 1.0, 2.0, 3.25, 1e9, float("nan")])),
    "text": (pl.String, st.sampled_from(TEXTS)),
    "more": (pl.String, st.sampled_from(TEXTS[:5])),
    "when": (pl.Datetime("us"), st.sampled_from(MOMENTS)),
    "until": (pl.Datetime("us"), st.sampled_from(MOMENTS)),
    "day": (pl.Date, st.sampled_from([dt.date(2024, 1, day) for day in (1, 2, 3)])),
    "price": (pl.Decimal(10, 2), st.sampled_from([Decimal("0.10"), Decimal("1.00"), Decimal("2.50")])),
    "flag": (pl.Boolean, st.booleans()),
    "kind": (pl.Categorical(), st.sampled_from(["a", "b", "c"])),
    "vast": (pl.Int64, st.sampled_from([2**53, 2**53 + 1, 2**53 + 2, -(2**62) - 1])),
    "tags": (pl.List(pl.String), st.lists(st.sampled_from(["a", "", "é"]), max_size=2)),
}
WHOLE = {"vast"}  # with a hole pandas has it as floats, which are other numbers


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    """A few rows of every type: some columns whole, some with holes, some wholly missing."""
    height = draw(st.integers(0, 8))
    columns = [pl.Series(ROW, range(height), dtype=pl.Int64)]
    for name, (dtype, cell) in CELLS.items():
        holes = [] if name in WHOLE else [st.none() | cell, st.none() | cell, st.none()]
        cells = draw(st.sampled_from([cell, cell, *holes]))
        values = draw(st.lists(cells, min_size=height, max_size=height))
        columns.append(pl.Series(name, values, dtype=dtype))
    return pl.DataFrame(columns)


BOUNDS: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-3, 6) | st.sampled_from([0.5, -1.5, 2.0]),
    "real": st.sampled_from([-1.5, 0, 0.5, 1, 3.25]),
    "when": st.sampled_from(["2024-01-02T00:00:00", "2024-01-01T06:00:00", "2024-01-03T00:00:00"]),
    "day": st.sampled_from(["2024-01-02T00:00:00", "2024-01-01T12:00:00"]),
    "price": st.sampled_from([0.5, 1, 2.5]),
}
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-3, 6) | st.sampled_from([1.0, 2.5, 2**40]),
    "real": st.sampled_from([-1.5, 0, 0.5, 1, 1e9]),
    "text": st.sampled_from(TEXTS),
    "price": st.sampled_from([1, 2.5, Decimal("0.10"), Decimal("1.005")]),
    "flag": st.booleans(),
    "kind": st.sampled_from(["a", "b", "z"]),
    "vast": st.sampled_from([2**53, 2**53 + 1, 7]),
}
REGEXES = ["^a", "a$", "[0-9]+", "^$", r"\d", "é", "(?i)b", "^(a|b)$", r"^.$", "b(?!x)", r"(.)\1", r"\s"]
NUMBERS = st.sampled_from(["whole", "other", "real"])
CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {},
        {"row_condition": Column("whole") > 1},
        {"row_condition": Column("text") == "a"},
        {"row_condition": Column("real") != 0.5},
        {"row_condition": Column("more").is_in(["a", "ab"])},
        {"row_condition": Column("kind").is_not_in(["a"])},
        {"row_condition": Column("real").is_null()},
        {"row_condition": (Column("whole") >= 0) & Column("text").is_not_null()},
        {"row_condition": (Column("whole") < 0) | (Column("other") <= 2)},
        {"row_condition": 'col("whole") > 0', "condition_parser": "great_expectations"},
        {"row_condition": "whole > 0 and other < 4", "condition_parser": "pandas"},
        {"row_condition": "~text.isnull() & (whole in [1, 2, 3] | more == 'a')", "condition_parser": "pandas"},
    ]
)
MOSTLY: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{}, {}, {"mostly": 0.5}, {"mostly": 0.9}, {"mostly": 0}])


def kwargs(*parts: st.SearchStrategy[dict[str, Any]], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arguments put together from parts."""
    together = st.tuples(st.fixed_dictionaries(fixed), *parts)
    return together.map(lambda drawn: {key: value for part in drawn for key, value in part.items()})


def row_rule(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arguments of a rule about one column."""
    return kwargs(MOSTLY, CONDITIONS, **fixed)


def aggregate(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arguments of an expectation about a column's aggregate."""
    return kwargs(CONDITIONS, **fixed)


def bounded(columns: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A column with bounds that fit it, in order, perhaps strict."""
    return st.sampled_from(columns).flatmap(_bounds_of)


def _bounds_of(column: str) -> st.SearchStrategy[dict[str, Any]]:
    strict = st.fixed_dictionaries({}, optional={"strict_min": st.booleans(), "strict_max": st.booleans()})
    ends = st.tuples(BOUNDS[column], BOUNDS[column]).map(sorted)
    chosen = st.tuples(ends, st.sampled_from(["both", "min", "max"]))
    return kwargs(chosen.map(lambda drawn: _ends(*drawn)), strict, column=st.just(column))


def _ends(ends: list[Any], which: str) -> dict[str, Any]:
    both = {"min_value": ends[0], "max_value": ends[1]}
    return both if which == "both" else {f"{which}_value": both[f"{which}_value"]}


def member_set(key: str) -> st.SearchStrategy[dict[str, Any]]:
    """A column and a set of values that it might have."""
    return st.sampled_from(sorted(MEMBERS)).flatmap(
        lambda column: st.fixed_dictionaries(
            {"column": st.just(column), key: st.lists(MEMBERS[column], min_size=1, max_size=4)}
        )
    )


ANY_COLUMN = st.sampled_from(sorted(CELLS))
COMPARED = st.sampled_from(sorted(CELLS.keys() - {"tags"}))  # lists have no hash in pandas
TEXT = st.sampled_from(["text", "more"])
RANGE: st.SearchStrategy[dict[str, Any]] = st.tuples(st.integers(-2, 5), st.integers(0, 3)).map(
    lambda drawn: {"min_value": drawn[0], "max_value": drawn[0] + drawn[1]}
)
SHARE: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"min_value": 0.2}, {"max_value": 0.8}, {"min_value": 0.5, "max_value": 1.0}]
)
PAIRS = st.sampled_from([("whole", "other"), ("other", "real"), ("when", "until"), ("text", "more"), ("vast", "whole")])
IGNORE_PAIR = st.sampled_from(["both_values_are_missing", "either_value_is_missing", "neither"])
IGNORE_MANY = st.sampled_from(["all_values_are_missing", "any_value_is_missing", "never"])
LISTS = st.sampled_from(
    [["whole", "other"], ["text", "more"], ["whole", "other", "real"], ["text", "whole", "when"], ["vast", "text"]]
)
# Missing texts, numbers and times are different values in pandas, so a record of them would be one of unique values.
ALIKE = LISTS.filter(lambda columns: "when" not in columns)


def pair(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arguments of a rule about two columns."""
    columns = PAIRS.map(lambda names: {"column_A": names[0], "column_B": names[1]})
    return kwargs(columns, MOSTLY, CONDITIONS, ignore_row_if=IGNORE_PAIR, **fixed)


def several(columns: st.SearchStrategy[list[str]] = LISTS, **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arguments of a rule about several columns."""
    return kwargs(MOSTLY, CONDITIONS, column_list=columns, ignore_row_if=IGNORE_MANY, **fixed)


EXPECTATIONS: dict[str, st.SearchStrategy[Any]] = {
    "column_values_to_not_be_null": row_rule(column=ANY_COLUMN),
    "column_values_to_be_null": row_rule(column=ANY_COLUMN),
    "column_values_to_be_between": kwargs(bounded(sorted(BOUNDS)), MOSTLY, CONDITIONS),
    "column_values_to_be_in_set": kwargs(member_set("value_set"), MOSTLY, CONDITIONS),
    "column_values_to_not_be_in_set": kwargs(member_set("value_set"), MOSTLY, CONDITIONS),
    "column_values_to_be_unique": row_rule(column=COMPARED),
    "column_values_to_be_increasing": row_rule(
        column=st.sampled_from(["whole", "real", "when"]), strictly=st.booleans()
    ),
    "column_values_to_be_decreasing": row_rule(
        column=st.sampled_from(["whole", "real", "when"]), strictly=st.booleans()
    ),
    "column_value_lengths_to_be_between": kwargs(RANGE, MOSTLY, CONDITIONS, column=TEXT),
    "column_value_lengths_to_equal": row_rule(column=TEXT, value=st.integers(0, 3)),
    "column_values_to_match_regex": row_rule(column=TEXT, regex=st.sampled_from(REGEXES)),
    "column_values_to_not_match_regex": row_rule(column=TEXT, regex=st.sampled_from(REGEXES)),
    "column_values_to_match_regex_list": row_rule(
        column=TEXT,
        regex_list=st.lists(st.sampled_from(REGEXES), min_size=1, max_size=3),
        match_on=st.sampled_from(["any", "all"]),
    ),
    "column_values_to_not_match_regex_list": row_rule(
        column=TEXT, regex_list=st.lists(st.sampled_from(REGEXES), min_size=1, max_size=3)
    ),
    "column_values_to_match_strftime_format": row_rule(column=TEXT, strftime_format=st.just("%Y-%m-%d")),
    "column_values_to_be_dateutil_parseable": row_rule(column=TEXT),
    "column_values_to_be_json_parseable": row_rule(column=TEXT),
    "column_values_to_match_json_schema": row_rule(column=TEXT, json_schema=st.just({"type": "object"})),
    "column_value_z_scores_to_be_less_than": row_rule(
        column=NUMBERS, threshold=st.sampled_from([0.5, 1, 2]), double_sided=st.booleans()
    ),
    "column_values_to_not_be_outliers": row_rule(
        column=NUMBERS, method=st.sampled_from(["iqr", "std"]), multiplier=st.sampled_from([0.5, 1.5])
    ),
    "column_pair_values_to_be_equal": pair(),
    "column_pair_values_a_to_be_greater_than_b": pair(or_equal=st.booleans()),
    "column_pair_values_to_be_in_set": kwargs(
        MOSTLY,
        ignore_row_if=IGNORE_PAIR,
        column_A=st.just("whole"),
        column_B=st.just("text"),
        value_pairs_set=st.lists(st.tuples(st.integers(-1, 3), st.sampled_from(TEXTS)), min_size=1, max_size=5),
    ),
    "compound_columns_to_be_unique": several(),
    "select_column_values_to_be_unique_within_record": several(ALIKE),
    "multicolumn_values_to_be_equal": several(),
    "multicolumn_sum_to_equal": several(
        st.sampled_from([["whole", "other"], ["whole", "other", "real"]]), sum_total=st.integers(-2, 6)
    ),
    "column_min_to_be_between": aggregate(column=NUMBERS, min_value=st.integers(-3, 3)),
    "column_max_to_be_between": aggregate(column=NUMBERS, max_value=st.integers(-3, 6)),
    "column_mean_to_be_between": kwargs(RANGE, CONDITIONS, column=NUMBERS),
    "column_median_to_be_between": kwargs(RANGE, CONDITIONS, column=NUMBERS),
    "column_stdev_to_be_between": kwargs(RANGE, CONDITIONS, column=NUMBERS),
    "column_sum_to_be_between": kwargs(RANGE, CONDITIONS, column=NUMBERS),
    "column_unique_value_count_to_be_between": kwargs(RANGE, CONDITIONS, column=COMPARED),
    "column_proportion_of_unique_values_to_be_between": kwargs(SHARE, CONDITIONS, column=COMPARED),
    "column_proportion_of_non_null_values_to_be_between": kwargs(SHARE, CONDITIONS, column=ANY_COLUMN),
    "column_distinct_values_to_be_in_set": kwargs(member_set("value_set"), CONDITIONS),
    "column_distinct_values_to_contain_set": kwargs(member_set("value_set"), CONDITIONS),
    "column_distinct_values_to_equal_set": kwargs(member_set("value_set"), CONDITIONS),
    "column_most_common_value_to_be_in_set": kwargs(
        member_set("value_set"), CONDITIONS, ties_okay=st.sampled_from([True, False, None])
    ),
    "column_quantile_values_to_be_between": aggregate(
        column=NUMBERS,
        quantile_ranges=st.just({"quantiles": [0.1, 0.5, 0.9], "value_ranges": [[-3, 1], [0, 3], [None, 6]]}),
    ),
    "column_kl_divergence_to_be_less_than": aggregate(
        column=st.just("text"),
        partition_object=st.just({"values": ["a", "ab", "B"], "weights": [0.5, 0.25, 0.25]}),
        threshold=st.just(0.5),
    ),
    "table_row_count_to_be_between": kwargs(RANGE),
    "table_row_count_to_equal": kwargs(value=st.integers(0, 8)),
    "table_column_count_to_equal": kwargs(value=st.integers(13, 15)),
    "table_column_count_to_be_between": kwargs(RANGE.map(lambda r: {k: v + 12 for k, v in r.items()})),
    "table_columns_to_match_set": kwargs(column_set=st.just(sorted(CELLS)), exact_match=st.booleans()),
    "table_columns_to_match_ordered_list": kwargs(column_list=st.just([ROW, *CELLS])),
    "column_to_exist": kwargs(column=st.sampled_from(["whole", "nowhere"])),
}


@st.composite
def suites(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Some expectations of different types."""
    types = draw(st.lists(st.sampled_from(sorted(EXPECTATIONS)), min_size=6, max_size=12))
    return [{"type": f"expect_{kind}", "kwargs": draw(EXPECTATIONS[kind])} for kind in types]


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(frame=frames(), suite=suites())
def test_polars_says_what_pandas_says(oracle: Oracle, frame: pl.DataFrame, suite: list[dict[str, Any]]) -> None:
    for one, ours, theirs in zip(suite, oracle.on_polars(frame, suite), oracle.on_pandas(frame, suite), strict=True):
        assert ours.is_like(theirs), f"{one}\nPolars: {ours}\npandas: {theirs}"
