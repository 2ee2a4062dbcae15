"""The one Prefect engine that the flow tests share: bringing it up costs more than all of them."""

from __future__ import annotations

from collections.abc import Iterator

import flows.prefect_environment  # isort: skip  # before Prefect reads its settings

import pytest
from prefect.testing.utilities import prefect_test_harness

assert flows.prefect_environment.DEFAULTS


@pytest.fixture(scope="session")
def prefect_engine() -> Iterator[None]:
    """A temporary Prefect database and server for the session."""
    with prefect_test_harness(server_startup_timeout=180):
        yield
