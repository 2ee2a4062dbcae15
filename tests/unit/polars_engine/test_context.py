"""A data context for one call says nothing and leaves nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from expectations.polars_engine.context import ephemeral_context


def test_it_is_silent_and_has_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    context = ephemeral_context()
    assert context.config.analytics_enabled is False
    assert context.variables.progress_bars == {"globally": False}
    assert not context.variables.data_docs_sites
    assert not list(tmp_path.iterdir())
