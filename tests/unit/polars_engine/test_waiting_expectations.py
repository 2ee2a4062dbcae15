"""Great Expectations' own expectations are there for who asks, and are not imported for who does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
_HEAD = """
import sys
import expectations.polars_engine
import great_expectations as gx
from great_expectations.expectations import registry
MEDIAN = "great_expectations.expectations.core.expect_column_median_to_be_between"
assert MEDIAN not in sys.modules
"""
_ASKED = {
    "a class": """
assert gx.expectations.ExpectColumnMedianToBeBetween(column="n", min_value=1).column == "n"
""",
    "a class of the package of all": """
from great_expectations.expectations.core import ExpectColumnMedianToBeBetween
assert ExpectColumnMedianToBeBetween is gx.expectations.ExpectColumnMedianToBeBetween
""",
    "all names": """
from great_expectations.expectations import *
assert ExpectColumnMedianToBeBetween is gx.expectations.ExpectColumnMedianToBeBetween
""",
    "a type": """
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
stored = ExpectationConfiguration(type="expect_column_median_to_be_between", kwargs={"column": "n", "min_value": 1})
assert type(stored.to_domain_obj()).__name__ == "ExpectColumnMedianToBeBetween"
""",
    "how a type is rendered": """
assert registry.get_renderer_impl("expect_column_median_to_be_between", "renderer.prescriptive") is not None
assert "atomic.prescriptive.summary" in registry.get_renderer_names("expect_column_median_to_be_between")
""",
    "a class to inherit from": """
class ExpectMedianAge(gx.expectations.ExpectColumnMedianToBeBetween):
    column: str = "age"
assert registry.get_expectation_impl("expect_median_age") is ExpectMedianAge
""",
    "a list": """
assert "expect_column_median_to_be_between" in registry.list_registered_expectation_implementations()
""",
}


@pytest.mark.parametrize("asked", _ASKED)
def test_an_expectation_comes_when_it_is_asked_for(asked: str) -> None:
    done = run(_HEAD + _ASKED[asked] + "assert MEDIAN in sys.modules\n")
    assert done.returncode == 0, done.stderr


def test_none_is_missing_and_none_is_new() -> None:
    listed = "print(sorted(registry.list_registered_expectation_implementations()), dir(gx.expectations))"
    lengths = "print(len(registry._registered_expectations), len(registry._registered_renderers))"
    imports = "import great_expectations as gx\nfrom great_expectations.expectations import registry\n"
    waiting = run(f"{_HEAD}{lengths}\n{listed}")
    eager = run(f"{imports}{lengths}\n{listed}")
    assert eager.stdout.count("expect_") > 50, eager.stderr
    assert waiting.stdout.splitlines()[0] == eager.stdout.splitlines()[0]
    assert _names(waiting.stdout) == _names(eager.stdout)


def test_what_there_is_not_is_an_error_as_ever() -> None:
    check = """
for wrong, error in (
    (lambda: registry.get_expectation_impl("expect_nonsense"), gx.exceptions.ExpectationNotFoundError),
    (lambda: gx.expectations.ExpectNonsense, AttributeError),
):
    try:
        wrong()
    except error as told:
        assert "onsense" in str(told)
    else:
        raise AssertionError
assert registry.get_renderer_impl("expect_nonsense", "renderer.prescriptive") is None
"""
    done = run(_HEAD + check)
    assert done.returncode == 0, done.stderr


def _names(listed: str) -> set[str]:
    return {name for name in listed.replace("'", " ").split() if name.lower().startswith("expect")}


def run(program: str) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, which has imported nothing yet."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
