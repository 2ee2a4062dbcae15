"""A data context for one call, and what its results say went wrong."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import great_expectations as gx
from great_expectations.core.expectation_validation_result import ExpectationValidationResult


def ephemeral_context() -> Any:
    """A data context of its own, silent: no progress bars, no analytics, nothing left on the disk."""
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = {"globally": False}
    for name, site in dict(context.variables.data_docs_sites or {}).items():
        # It comes with a site in a temporary folder that nobody would ever clear away.
        context.delete_data_docs_site(name)
        shutil.rmtree(site["store_backend"]["base_directory"], ignore_errors=True)
    return context


def error_in(result: ExpectationValidationResult) -> str | None:
    """Why an expectation could not be evaluated.

    Great Expectations gives one message, or one for each metric that failed.
    """
    info = result.exception_info or {}
    parts = [info, *(part for part in info.values() if isinstance(part, Mapping))]
    return next((str(part["exception_message"]) for part in parts if part.get("exception_message")), None)
