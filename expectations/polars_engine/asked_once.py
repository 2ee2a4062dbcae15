"""An expectation makes its configuration once while its arguments are collected, and not once for each argument."""

from __future__ import annotations

from functools import wraps
from threading import local
from typing import Any

from great_expectations.expectations.expectation import Expectation


class _Asked(local):
    """The expectation whose arguments are being collected in this thread, and its configuration."""

    expectation: Expectation | None = None
    configuration: Any = None


def ask_once() -> None:
    """Have Great Expectations ask an expectation for its configuration once for each metric.

    It asks a dozen times, each time for a copy of all that the expectation says, and reads one value of it. Half of
    what it does about a suite beside its metrics is that.
    """
    asked = _Asked()
    make, collect = Expectation.configuration.fget, Expectation._get_runtime_kwargs

    def configuration(self: Expectation) -> Any:
        return asked.configuration if self is asked.expectation else make(self)

    @wraps(collect)
    def runtime_kwargs(self: Expectation, runtime_configuration: dict[str, Any] | None = None) -> dict[str, Any]:
        before = asked.expectation, asked.configuration
        asked.expectation, asked.configuration = self, make(self)
        try:
            return dict(collect(self, runtime_configuration))
        finally:
            asked.expectation, asked.configuration = before

    Expectation.configuration = property(configuration)
    Expectation._get_runtime_kwargs = runtime_kwargs
