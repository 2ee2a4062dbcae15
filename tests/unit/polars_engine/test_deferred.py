"""Modules that others name and hardly use are imported on first use, and are the real ones then."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations.polars_engine.deferred import deferred


@pytest.fixture
def names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that imports one of a package, as Great Expectations does with `scipy.stats`."""
    (tmp_path / "lazy_pack").mkdir()
    (tmp_path / "lazy_pack" / "__init__.py").touch()
    (tmp_path / "lazy_pack" / "heavy.py").write_text("answer = 42\n")
    (tmp_path / "names_heavy.py").write_text("from lazy_pack import heavy\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "names_heavy"
    for name in [name for name in sys.modules if name.startswith(("lazy_pack", "names_heavy"))]:
        del sys.modules[name]


def test_the_first_attribute_imports_the_module(names_it: str) -> None:
    importlib.import_module("lazy_pack")
    with deferred("lazy_pack.heavy"):
        named = importlib.import_module(names_it)
    assert "lazy_pack.heavy" not in sys.modules
    assert named.heavy.answer == 42
    assert sys.modules["lazy_pack.heavy"].answer == 42
    with pytest.raises(AttributeError, match="wrong"):
        _ = named.heavy.wrong


def test_within_the_block_too(names_it: str) -> None:
    importlib.import_module("lazy_pack")
    with deferred("lazy_pack.heavy"):
        named = importlib.import_module(names_it)
        assert named.heavy.answer == 42
        assert sys.modules["lazy_pack.heavy"] is not named.heavy


def test_what_is_there_already_stays(names_it: str) -> None:
    heavy = importlib.import_module("lazy_pack.heavy")
    with deferred("lazy_pack.heavy"):
        assert importlib.import_module(names_it).heavy is heavy


def test_an_interrupted_block_says_so(names_it: str) -> None:
    def interrupted() -> None:
        with deferred("lazy_pack.heavy"):
            importlib.import_module(names_it)
            del sys.modules["lazy_pack"]  # as the import system does with a package whose import is broken off
            raise KeyboardInterrupt

    importlib.import_module("lazy_pack")
    with pytest.raises(KeyboardInterrupt):
        interrupted()


def test_the_plug_in_leaves_out_what_it_hardly_needs() -> None:
    code = "import sys, expectations.polars_engine; print({'scipy.stats', 'altair'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
