from __future__ import annotations

from pathlib import Path

import pytest

from expectations.errors import UsageError
from tasks.dead_letters.models import Added
from tasks.dead_letters.pending import PendingLoad, StoreUnavailableError, load_waiting, note, record_letters, waiting
from tasks.dead_letters.store import open_store

from .conftest import Write, batch, letter

AWAY = "postgresql+psycopg://postgres@127.0.0.1:1/x"


def test_letters_are_in_the_table_and_nothing_waits(url: str, write: Write, tmp_path: Path) -> None:
    added = record_letters(url, tmp_path / "pending", [write(letter(1), letter(2))], batch())
    assert added == Added(new=2)
    assert waiting(tmp_path / "pending") == []


def test_a_database_that_is_down_loses_nothing(url: str, write: Write, tmp_path: Path) -> None:
    pending, waits = tmp_path / "pending", list[float]()
    with pytest.raises(StoreUnavailableError, match="the dead-letter database cannot be used: ") as away:
        record_letters(AWAY, pending, [write(letter(1))], batch("run-1"), attempts=3, sleep=waits.append)
    assert len(waits) == 2
    assert waits[0] < waits[1] * 1.5
    assert "\n" not in str(away.value)
    assert len(waiting(pending)) == 1

    assert record_letters(url, pending, [write(letter(2))], batch("run-2", 2)) == Added(new=1)
    assert waiting(pending) == []
    with open_store(url) as store:
        assert {(one.line, one.first_run) for one in store.letters()} == {(1, "run-1"), (2, "run-2")}


def test_a_load_killed_before_its_note_is_gone_is_repeated(url: str, write: Write, tmp_path: Path) -> None:
    path = write(letter(1))
    with open_store(url) as store:
        store.add([path], batch())
        note(tmp_path / "pending", PendingLoad(letters=(path,), batch=batch()))
        assert load_waiting(store, tmp_path / "pending") == {"run-1": Added(known=1)}
        assert store.count() == 1


def test_an_error_that_waiting_does_not_mend_is_not_tried_again(tmp_path: Path, write: Write) -> None:
    (tmp_path / "a.db").write_bytes(b"this is no database" * 100)
    waits: list[float] = []
    with pytest.raises(StoreUnavailableError, match="not a database"):
        record_letters(
            f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "pending", [write(letter(1))], batch(), sleep=waits.append
        )
    assert waits == []


def test_a_note_whose_letters_are_gone_says_so(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names dead letters that are gone"):
        record_letters(url, tmp_path / "pending", [tmp_path / "gone.parquet"], batch())


def test_a_note_that_is_none_says_so(url: str, tmp_path: Path, write: Write) -> None:
    (tmp_path / "half.json").write_text("{}")
    with pytest.raises(UsageError, match=r"half\.json: not a note"):
        record_letters(url, tmp_path, [write(letter(1))], batch())
