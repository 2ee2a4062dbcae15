"""What was read before is not read again, unless something it was made of has changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from expectations.contract import load_contract
from tasks.artifacts import ArtifactStore
from tasks.ingest import landed_before
from tasks.ingest.land import ingest_file
from tasks.ingest.landed_before import LandedBefore
from tasks.models import LandedFile
from tasks.source_digest import READ_WITH, stage_parts
from tasks.sources import fingerprint

CONTRACT = load_contract("events")
HEADER = "user_id,session_start,session_end,event_type,value,metadata\n"


def landed(path: Path, text: str, store: ArtifactStore) -> LandedFile:
    path.write_text(HEADER + text, encoding="utf-8")
    (source,) = fingerprint(str(path))
    return ingest_file(source, CONTRACT, store)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "store")


@pytest.fixture
def file(tmp_path: Path, store: ArtifactStore) -> LandedFile:
    return landed(tmp_path / "a.csv", "7,2026-05-01 10:00:00,,view,,\nx,2026-05-01 10:00:00,,view,,\n" * 20, store)


def test_a_file_is_known_once_it_was_kept(file: LandedFile, store: ArtifactStore) -> None:
    assert LandedBefore(CONTRACT, store).get(file.source) is None
    assert LandedBefore(CONTRACT, store).keep(file) == file
    assert LandedBefore(CONTRACT, store).get(file.source) == file


def test_another_contract_another_file_or_another_name_is_not_known(file: LandedFile, store: ArtifactStore) -> None:
    LandedBefore(CONTRACT, store).keep(file)
    other = CONTRACT.model_copy(update={"description": "another"})
    assert other.digest() != CONTRACT.digest()
    assert LandedBefore(other, store).get(file.source) is None
    for change in ({"digest": "0" * 64}, {"uri": "b.csv"}):
        assert LandedBefore(CONTRACT, store).get(file.source.model_copy(update=change)) is None


def test_changed_code_is_not_trusted(file: LandedFile, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> None:
    LandedBefore(CONTRACT, store).keep(file)
    monkeypatch.setattr(landed_before, "reading_digest", lambda: "another")
    assert LandedBefore(CONTRACT, store).get(file.source) is None


@pytest.mark.parametrize("what", ["landed", "dead_letters"])
def test_an_artifact_that_is_gone_or_cut_short_is_made_again(file: LandedFile, store: ArtifactStore, what: str) -> None:
    LandedBefore(CONTRACT, store).keep(file)
    path = store.path(getattr(file, what))
    path.write_bytes(path.read_bytes()[:-1])
    assert LandedBefore(CONTRACT, store).get(file.source) is None


def test_a_dead_file_is_tried_again(tmp_path: Path, store: ArtifactStore) -> None:
    dead = landed(tmp_path / "dead.csv", "", store)
    assert dead.landed is None
    LandedBefore(CONTRACT, store).keep(dead)
    assert LandedBefore(CONTRACT, store).get(dead.source) is None


def test_every_library_that_reads_counts() -> None:
    _, libraries = stage_parts("ingest")
    assert libraries - sys.stdlib_module_names - {"compression"} == READ_WITH
