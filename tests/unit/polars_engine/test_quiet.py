"""Great Expectations does not talk over the program around it."""

from __future__ import annotations

import logging
from decimal import Decimal

import pytest
from great_expectations.util import convert_to_json_serializable

import expectations.polars_engine  # noqa: F401  # what is tested is what importing it leaves behind


def test_no_logger_of_great_expectations_lets_info_through() -> None:
    names = [name for name in logging.Logger.manager.loggerDict if name.startswith("great_expectations")]
    assert names
    assert [name for name in names if logging.getLogger(name).isEnabledFor(logging.INFO)] == []


def test_a_decimal_that_is_shown_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    long, short = Decimal("0.1234567890123456789"), Decimal("-5.00")
    assert convert_to_json_serializable([{"value": long}, short]) == [{"value": float(long)}, -5.0]
    assert caplog.records == []
