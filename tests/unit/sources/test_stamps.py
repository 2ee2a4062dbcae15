"""A file that was hashed before and has not been touched since is not hashed again."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from threading import Event

import pytest

from tasks.artifacts import ArtifactStore
from tasks.models import SourceRef
from tasks.sources import fingerprint, fingerprints, hash_ahead, stamps
from tasks.sources.stamps import hashed_before, note_hashed
from tasks.sources.stored import LocalFile

LATER_NS = 5 * 10**9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "store")


def note(path: Path, store: ArtifactStore) -> None:
    """As a run notes it that opens the file five seconds from now."""
    stored = LocalFile(str(path))
    note_hashed(stored, fingerprint(str(path)), time.time_ns() + LATER_NS, store)
    stored.close()


def is_known(path: Path, store: ArtifactStore) -> bool:
    stored = LocalFile(str(path))
    found = hashed_before(stored, store)
    stored.close()
    assert found is None or found == fingerprint(str(path))
    return found is not None


def test_a_file_left_alone_is_known(path: Path, store: ArtifactStore) -> None:
    assert not is_known(path, store)
    note(path, store)
    assert is_known(path, store)
    assert fingerprint(str(path), notes=store) == fingerprint(str(path))


def test_a_file_written_to_a_moment_ago_is_hashed_again(path: Path, store: ArtifactStore) -> None:
    fingerprint(str(path), notes=store)
    assert not is_known(path, store)


def test_other_text_of_the_same_length_and_time_is_another_file(path: Path, store: ArtifactStore) -> None:
    note(path, store)
    before, (source,) = path.stat(), fingerprint(str(path), notes=store)
    time.sleep(0.02)  # past a tick of the clock
    path.write_text("a,b\n1,3\n", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    (again,) = fingerprint(str(path), notes=store)
    assert again.digest != source.digest


def test_a_note_that_is_damaged_is_none(path: Path, store: ArtifactStore) -> None:
    note(path, store)
    (kept,) = (store.root / "notes").rglob("*.json")
    kept.write_text("{", encoding="utf-8")
    assert not is_known(path, store)


def test_a_file_is_hashed_to_its_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "_PIECE_BYTES", 3)
    (source,) = fingerprint(str(path))
    assert source.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_who_asks_for_a_file_while_it_is_hashed_ahead_waits_for_it(
    path: Path, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, hashed, whole = Event(), [], fingerprints._whole

    def slowly(stored: LocalFile) -> SourceRef:
        began.set()
        time.sleep(0.05)
        hashed.append(stored.uri)
        return whole(stored)

    monkeypatch.setattr(stamps, "_SETTLED_AFTER_NS", -LATER_NS)
    monkeypatch.setattr(fingerprints, "_whole", slowly)
    hash_ahead([str(path.with_name("gone.csv")), "https://localhost/a.csv", str(path)], store)
    assert began.wait(10)
    (source,) = fingerprint(str(path), notes=store)
    assert source.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert hashed == [str(path)]
