"""Checks that run beside each other on frames of their own never mix, even on one shared data source."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from expectations.polars_engine.context import ephemeral_context

TRIES = 1000


def test_a_thousand_checks_in_two_threads_never_mix() -> None:
    source = ephemeral_context().data_sources.add_polars("shared")
    batches = source.add_dataframe_asset("one").add_batch_definition_whole_dataframe("all")

    def count(number: int) -> Any:
        frame = pl.DataFrame({"x": [1] * (number % 7) + [0] * (number % 5)})
        one = ExpectationConfiguration(
            type="expect_column_values_to_be_in_set", kwargs={"column": "x", "value_set": [0]}
        )
        result = batches.get_batch({"dataframe": frame}).validate(one.to_domain_obj(), result_format="BASIC").result
        return result["unexpected_count"], result["element_count"]

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(count, range(TRIES)))
    assert found == [(number % 7, number % 7 + number % 5) for number in range(TRIES)]
