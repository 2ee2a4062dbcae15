"""What pandas has no word for or says otherwise: queries, types, LIKE, exact numbers."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import great_expectations as gx
import polars as pl
import pytest
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.row_conditions import Column

from expectations.polars_engine.context import ephemeral_context, error_in


@pytest.fixture(scope="module")
def batches() -> Any:
    source = ephemeral_context().data_sources.add_polars("polars")
    return source.add_dataframe_asset("events").add_batch_definition_whole_dataframe("all")


def validate(batches: Any, frame: pl.DataFrame, kind: str, **kwargs: Any) -> Any:
    one = ExpectationConfiguration(type=kind, kwargs=kwargs).to_domain_obj()
    result = batches.get_batch({"dataframe": frame}).validate(one, result_format="COMPLETE")
    assert error_in(result) is None
    return result


def unexpected(batches: Any, values: list[Any], dtype: Any, kind: str, **kwargs: Any) -> list[Any]:
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    found: list[Any] = validate(batches, frame, f"expect_column_values_to_{kind}", column="x", **kwargs).result[
        "unexpected_list"
    ]
    return found


ORDERS = pl.DataFrame({"id": [1, 2, 3], "price": [5, -1, -2], "shop": ["a", "a", "b"]})


def test_a_query_finds_unexpected_rows(batches: Any) -> None:
    query = "SELECT * FROM {batch} WHERE price < 0"
    result = validate(batches, ORDERS, "unexpected_rows_expectation", unexpected_rows_query=query)
    assert (result.success, result.result["observed_value"]) == (False, 2)
    assert [row["id"] for row in result.result["details"]["unexpected_rows"]] == [2, 3]


def test_a_query_sees_only_the_rows_of_its_condition(batches: Any) -> None:
    query = "SELECT shop, COUNT(*) AS n FROM {batch} GROUP BY shop HAVING COUNT(*) > 1"
    result = validate(batches, ORDERS, "unexpected_rows_expectation", unexpected_rows_query=query)
    assert result.result["observed_value"] == 1


@pytest.mark.parametrize(
    ("dtype", "name", "is_met"),
    [
        (pl.Int64, "int64", True),
        (pl.Int64, "Int64", True),
        (pl.Int64, "float64", False),
        (pl.String, "str", True),
        (pl.Datetime("us"), "datetime64[us]", True),
        (pl.Datetime("us"), "datetime64[ns]", False),
        (pl.Datetime("us", "UTC"), "datetime64", False),
        (pl.Decimal(10, 2), "Decimal", True),
        (pl.List(pl.Int64), "list", True),
    ],
)
def test_a_type_goes_by_its_polars_and_its_pandas_name(batches: Any, dtype: Any, name: str, is_met: bool) -> None:
    frame = pl.DataFrame(schema={"x": dtype})
    for kind, wanted in (
        ("expect_column_values_to_be_of_type", {"type_": name}),
        ("expect_column_values_to_be_in_type_list", {"type_list": ["Binary", name]}),
        ("expect_column_type_to_be", {"type_": name}),
    ):
        assert validate(batches, frame, kind, column="x", **wanted).success is is_met


def test_like_patterns(batches: Any) -> None:
    texts = ["abc", "a%c", "a\nc", "xabc"]
    assert unexpected(batches, texts, pl.String, "match_like_pattern", like_pattern="a_c") == ["xabc"]
    assert unexpected(batches, texts, pl.String, "not_match_like_pattern", like_pattern="%b%") == ["abc", "xabc"]


def test_lists_of_like_patterns(batches: Any) -> None:
    patterns = ["a%", "%c"]
    texts = ["abc", "ab", "c", "x"]
    any_of = unexpected(batches, texts, pl.String, "match_like_pattern_list", like_pattern_list=patterns)
    all_of = unexpected(
        batches, texts, pl.String, "match_like_pattern_list", like_pattern_list=patterns, match_on="all"
    )
    none_of = unexpected(batches, texts, pl.String, "not_match_like_pattern_list", like_pattern_list=patterns)
    assert (any_of, all_of, none_of) == (["x"], ["ab", "c", "x"], ["abc", "ab", "c"])


def test_a_query_is_compared_with_another_data_source(tmp_path: Path) -> None:
    database = tmp_path / "shops.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript("CREATE TABLE shops (shop TEXT, n INT); INSERT INTO shops VALUES ('a', 2), ('b', 7)")
    context = ephemeral_context()
    context.data_sources.add_sqlite("shops", connection_string=f"sqlite:///{database}")
    batches = context.data_sources.add_polars("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    result = validate(
        batches,
        ORDERS,
        "expect_query_results_to_match_comparison",
        base_query="SELECT shop, COUNT(*) AS n FROM {batch} GROUP BY shop",
        comparison_data_source_name="shops",
        comparison_query="SELECT shop, n FROM shops",
        mostly=0.5,
    )
    assert (result.success, result.result["unexpected_count"]) == (True, 1)


def test_one_tenth_is_one_tenth_in_a_decimal_column(batches: Any) -> None:
    prices = [Decimal("0.10"), Decimal("0.11")]
    assert unexpected(batches, prices, pl.Decimal(10, 2), "be_between", max_value=0.1) == [Decimal("0.11")]


def test_whole_numbers_beyond_what_a_float_holds_are_told_apart(batches: Any) -> None:
    big = [2**53, 2**53 + 1]
    assert unexpected(batches, big, pl.Int64, "be_in_set", value_set=[2**53 + 1]) == [2**53]
    assert unexpected(batches, big, pl.Int64, "be_between", max_value=2**53) == [2**53 + 1]


def test_bounds_beyond_a_types_range(batches: Any) -> None:
    assert unexpected(batches, [1, 100], pl.Int8, "be_between", min_value=-1000, max_value=1000) == []
    assert unexpected(batches, [1, 100], pl.Int8, "be_between", min_value=1000) == [1, 100]


def test_a_date_alone_is_a_bound_of_a_datetime_column(batches: Any) -> None:
    moments = [dt.datetime(2024, 1, 1, 23), dt.datetime(2024, 1, 2)]  # noqa: DTZ001
    assert unexpected(batches, moments, pl.Datetime("us"), "be_between", min_value="2024-01-02") == moments[:1]


def test_a_complete_result_is_complete(batches: Any) -> None:
    assert len(unexpected(batches, list(range(1000)), pl.Int64, "be_in_set", value_set=[0])) == 999


def test_suite_parameters_and_windows(batches: Any) -> None:
    window = {
        "constraint_fn": "mean",
        "parameter_name": "usual_rows",
        "range": 5,
        "offset": {"positive": 0.1, "negative": 0.1},
    }
    rows = gx.expectations.ExpectTableRowCountToBeBetween(min_value={"$PARAMETER": "usual_rows"}, windows=[window])
    batch = batches.get_batch({"dataframe": ORDERS})
    assert batch.validate(rows, expectation_parameters={"usual_rows": 3}).success is True
    assert batch.validate(rows, expectation_parameters={"usual_rows": 4}).success is False


def test_lists_are_missing_or_not(batches: Any) -> None:
    assert unexpected(batches, [[1], None, []], pl.List(pl.Int64), "not_be_null") == [None]


@pytest.mark.parametrize("result_format", ["BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE"])
def test_every_result_format_holds_what_it_promises(batches: Any, result_format: str) -> None:
    one = gx.expectations.ExpectColumnValuesToBeBetween(column="price", min_value=0, row_condition=Column("id") > 1)
    result = batches.get_batch({"dataframe": ORDERS}).validate(
        one, result_format={"result_format": result_format, "include_unexpected_rows": True}
    )
    assert result.success is False
    promised = {
        "BOOLEAN_ONLY": set(),
        "BASIC": {"unexpected_count", "partial_unexpected_list", "unexpected_rows"},
        "SUMMARY": {"unexpected_count", "partial_unexpected_counts", "partial_unexpected_index_list"},
        "COMPLETE": {"unexpected_list", "unexpected_index_list", "unexpected_index_query"},
    }
    assert promised[result_format] <= set(result.result)
    assert result.result.get("unexpected_index_list", [1, 2]) == [1, 2]
