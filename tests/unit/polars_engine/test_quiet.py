"""Great Expectations does not talk over the program around it."""

from __future__ import annotations

import logging

import expectations.polars_engine  # noqa: F401  # what is tested is what importing it leaves behind


def test_no_logger_of_great_expectations_lets_info_through() -> None:
    names = [name for name in logging.Logger.manager.loggerDict if name.startswith("great_expectations")]
    assert names
    assert [name for name in names if logging.getLogger(name).isEnabledFor(logging.INFO)] == []
