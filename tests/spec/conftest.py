"""Every spec test runs on every engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expectations.contract import Contract
from tasks.models import ENGINES, EngineName
from tests.spec.small_batches import SESSIONS, read_table, tables_of

Analyze = Callable[..., dict[str, list[dict[str, Any]]]]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> EngineName:
    name: EngineName = request.param
    return name


@pytest.fixture
def analyze(engine: EngineName, tmp_path: Path) -> Analyze:
    """Analyze an ASCII table; each result table comes back as its rows."""

    def run(text: str, contract: Contract = SESSIONS) -> dict[str, list[dict[str, Any]]]:
        tables = tables_of(read_table(text, contract), contract, engine, tmp_path)
        return {name: table.to_dicts() for name, table in tables.items()}

    return run
