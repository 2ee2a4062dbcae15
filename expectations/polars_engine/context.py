"""A data context for one call, and what its results say went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import great_expectations as gx
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults


def ephemeral_context() -> Any:
    """A data context of its own, silent: no progress bars, no analytics, nothing left on the disk."""
    # All at once: each change of a context is one of its YAML too. Its own defaults have a site in a temporary folder.
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars={"globally": False},
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def error_in(result: ExpectationValidationResult) -> str | None:
    """Why an expectation could not be evaluated.

    Great Expectations gives one message, or one for each metric that failed.
    """
    info = result.exception_info or {}
    parts = [info, *(part for part in info.values() if isinstance(part, Mapping))]
    return next((str(part["exception_message"]) for part in parts if part.get("exception_message")), None)
