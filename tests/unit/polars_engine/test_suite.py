"""`load_suite`: what works on Polars is read, what cannot is refused by name and reason."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from expectations.polars_engine.suite import SuiteError, load_suite
from tests.unit.polars_engine.frames import SUITE, expectation, suite_text


def test_a_suite_is_read_in_its_order_with_severities_meta_and_notes() -> None:
    text = suite_text(
        {**expectation("column_values_to_be_unique", "info", column="a"), "meta": {"code": "twin"}, "notes": "why"},
        expectation("column_to_exist", column="b"),
    )
    suite = load_suite(text)
    assert [e.expectation_type for e in suite.expectations] == [
        "expect_column_values_to_be_unique",
        "expect_column_to_exist",
    ]
    assert suite.expectations[0].severity.value == "info"
    assert suite.expectations[0].meta == {"code": "twin"}


def test_what_great_expectations_writes_can_be_read() -> None:
    suite = load_suite(SUITE)
    again = load_suite(json.dumps(suite.to_json_dict()))
    assert [e.configuration for e in again.expectations] == [e.configuration for e in suite.expectations]


def test_ids_are_the_same_at_every_reading_and_differ_within_a_suite() -> None:
    twice = suite_text(expectation("column_to_exist", column="a"), expectation("column_to_exist", column="a"))
    first, second = load_suite(twice).expectations
    assert first.id != second.id
    assert [e.id for e in load_suite(twice).expectations] == [first.id, second.id]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (expectation("column_values_to_be_uniqe", column="a"), "did you mean expect_column_values_to_be_unique?"),
        (
            expectation("column_values_to_be_unique", colum="a"),
            "column: field required; colum: extra fields not permitted",
        ),
        (expectation("column_values_to_match_regex", column="a", regex="("), "'(' is not a regular expression"),
        (expectation("column_values_to_be_unique", column="z"), "there is no column 'z' (there are: a, b)"),
        (expectation("compound_columns_to_be_unique", column_list=["a", "y"]), "there is no column 'y'"),
        ({**expectation("column_to_exist", column="a"), "severity": "bad"}, "Invalid severity 'bad'. Must be one of"),
        (
            {**expectation("column_to_exist", column="a"), "severty": "info"},
            "unknown key 'severty'; an expectation has",
        ),
        ({"kwargs": {}}, "has no `type`"),
        ({"type": "expect_column_to_exist", "kwargs": []}, "`kwargs` must be an object"),
        ("expect_column_to_exist", "has no `type`"),
    ],
)
def test_an_expectation_that_cannot_work_is_refused(entry: Any, message: str) -> None:
    text = suite_text(expectation("column_to_exist", column="anything"), entry)
    with pytest.raises(SuiteError) as refused:
        load_suite(text, "events/suite.json", ["a", "b"])
    assert str(refused.value).startswith("events/suite.json: expectation 2 (")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_all_faults_are_said_at_once_one_a_line() -> None:
    faults = [expectation("nonsense"), expectation("column_values_to_be_unique", column="z")]
    with pytest.raises(SuiteError) as refused:
        load_suite(suite_text(*faults), columns=["a"])
    assert len(str(refused.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"name": "a",\n "expectations": [}', "s.json:2: not valid JSON"),
        ("[]", "s.json: must be an object"),
        ('{"expectations": []}', "s.json: has no `name`"),
        ('{"name": "a", "expectations": [], "expectation": []}', "s.json: unknown key 'expectation'"),
    ],
)
def test_a_file_that_is_no_suite_is_refused(text: str, message: str) -> None:
    with pytest.raises(SuiteError, match=message.replace("[", r"\[")):
        load_suite(text, "s.json")


def test_with_the_columns_types_known_what_cannot_be_compared_is_refused() -> None:
    text = suite_text(
        expectation("column_values_to_be_between", column="text", min_value=3),
        expectation("column_values_to_be_between", column="number", min_value=3),
        expectation("column_mean_to_be_between", column="text", min_value=3),
        expectation("column_values_to_be_between", column="text", min_value={"$PARAMETER": "least"}),
    )
    load_suite(text, columns=["text", "number"])
    with pytest.raises(SuiteError) as refused:
        load_suite(text, columns={"text": pl.String(), "number": pl.Int64()})
    assert str(refused.value).splitlines() == [
        "suite: expectation 1 (expect_column_values_to_be_between on text): "
        "a String column cannot be compared with float 3.0",
        "suite: expectation 3 (expect_column_mean_to_be_between on text): a String column has no such number",
    ]


def test_a_suite_read_again_is_not_changed_by_what_was_made_of_it() -> None:
    text, columns = suite_text(expectation("column_values_to_be_unique", column="a")), {"a": pl.Int64()}
    first = load_suite(text, columns=columns)
    as_read = first.to_json_dict()
    first.expectations.clear()
    assert load_suite(text, columns=columns).to_json_dict() == as_read
