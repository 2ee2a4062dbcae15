"""An expectation's arguments are collected with one look at what it says, and are what it says now."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import pytest
from great_expectations.expectations import expectation as home

import expectations.polars_engine  # noqa: F401  # which teaches them


def between(**kwargs: Any) -> Any:
    return gx.expectations.ExpectColumnValuesToBeBetween(column="n", **kwargs)


def test_a_look_for_each_question(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    make = home.ExpectationConfiguration

    def counted(**said: Any) -> Any:
        made.append(said)
        return make(**said)

    monkeypatch.setattr(home, "ExpectationConfiguration", counted)
    kwargs = between(min_value=1, mostly=0.9)._get_runtime_kwargs({"result_format": "BASIC"})
    assert (kwargs["column"], kwargs["min_value"], kwargs["max_value"], kwargs["mostly"]) == ("n", 1, None, 0.9)
    assert kwargs["result_format"]["result_format"] == "BASIC"
    assert len(made) == 1


def test_a_change_between_two_questions_counts() -> None:
    expectation = between(min_value=1)
    assert expectation._get_runtime_kwargs()["min_value"] == 1
    expectation.min_value = 2
    assert expectation._get_runtime_kwargs()["min_value"] == 2


def test_who_asks_for_the_configuration_has_one_of_its_own() -> None:
    expectation = between(min_value=1)
    expectation._get_runtime_kwargs()
    expectation.configuration.kwargs.clear()
    assert expectation.configuration.kwargs == {"column": "n", "min_value": 1}


def test_a_question_within_a_question_is_about_its_own_expectation(monkeypatch: pytest.MonkeyPatch) -> None:
    inner, outer = between(min_value=1), between(min_value=2)
    collect = home.Expectation._get_success_kwargs

    def asks_inner(self: Any) -> Any:
        if self is outer:
            assert inner._get_runtime_kwargs()["min_value"] == 1
        return collect(self)

    monkeypatch.setattr(home.Expectation, "_get_success_kwargs", asks_inner)
    assert outer._get_runtime_kwargs()["min_value"] == 2


def test_a_question_that_fails_is_forgotten() -> None:
    expectation = between(min_value=1)
    with pytest.raises(AttributeError):
        expectation._get_runtime_kwargs("no dict")
    expectation.min_value = 2
    assert expectation.configuration.kwargs["min_value"] == 2


@pytest.mark.parametrize("runtime", [None, {"result_format": "COMPLETE", "catch_exceptions": True}])
def test_expectations_answer_as_they_did(runtime: dict[str, Any] | None) -> None:
    expectation = between(min_value=1, max_value={"$PARAMETER": "most"}, mostly=0.9, severity="info")
    theirs = home.Expectation._get_runtime_kwargs.__wrapped__
    assert expectation._get_runtime_kwargs(runtime) == theirs(expectation, runtime)
