"""Finding input files."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from expectations.errors import UsageError
from tasks.sources import SourceError, discover, fingerprint, open_source

PATTERNS = ("*.csv", "*.json")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.csv", "A.CSV.GZ", "note.md", "sub/c.json", ".hidden.csv", ".git/d.csv", "sub/e[1].csv"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_is_searched_by_pattern_without_hidden_files(folder: Path) -> None:
    assert discover(["in"], PATTERNS) == ["in/A.CSV.GZ", "in/b.csv", "in/sub/c.json", "in/sub/e[1].csv"]
    assert discover(["in"], ["sub/*.csv"]) == ["in/sub/e[1].csv"]
    assert "in/note.md" in discover(["in"], [])


def test_what_is_named_or_globbed_is_taken_whatever_its_name(folder: Path) -> None:
    assert discover(["in/note.md", "in/.hidden.csv"], PATTERNS) == ["in/.hidden.csv", "in/note.md"]
    assert discover(["in/*.md"], PATTERNS) == ["in/note.md"]
    assert discover(["in/**/*.json"], PATTERNS) == ["in/sub/c.json"]
    assert discover(["in/sub/e[1].csv"], PATTERNS) == ["in/sub/e[1].csv"], "a name that looks like a glob"


def test_each_file_is_found_once(folder: Path) -> None:
    again = ["in/b.csv", "./in/b.csv", str(folder / "in" / "b.csv"), f"file://{folder}/in/b.csv", "in/*.csv"]
    assert discover(again, PATTERNS) == ["in/b.csv"]


def test_an_empty_folder_or_glob_holds_nothing(folder: Path) -> None:
    assert discover(["empty", "in/*.parquet"], PATTERNS) == []


@pytest.mark.parametrize("missing", ["nowhere", "in/nothing.csv", "nowhere/*.csv", "file:///nowhere/x.csv"])
def test_an_input_that_does_not_exist_is_named(folder: Path, missing: str) -> None:
    with pytest.raises(UsageError, match=missing.removeprefix("file://").replace("*", r"\*")):
        discover(["in", missing], PATTERNS)


def test_no_input_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        discover([], PATTERNS)


def test_what_cannot_be_searched_or_is_gone_is_found_and_unreadable() -> None:
    with _as_nobody():
        folder = Path(tempfile.mkdtemp())
        try:
            (folder / "closed").mkdir()
            (folder / "closed" / "a.csv").write_text("a\n")
            (folder / "closed").chmod(0)
            (folder / "gone.csv").symlink_to(folder / "nothing.csv")
            (folder / "locked.csv").write_text("a\n")
            (folder / "locked.csv").chmod(0)
            found = discover([str(folder)], ["*.csv"])
            assert found == [f"{folder}/closed", f"{folder}/gone.csv", f"{folder}/locked.csv"]
            for uri in found:
                (source,) = fingerprint(uri)
                with pytest.raises(SourceError) as caught:
                    open_source(source)
                assert caught.value.code == "unreadable"
        finally:
            (folder / "closed").chmod(0o700)
            shutil.rmtree(folder)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Without the rights of root, if the tests have them: root may read everything."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
