from __future__ import annotations

from pathlib import Path

import pytest

from tasks.ledger import Batch, Ledger, open_ledger
from tasks.models import SourceRef


def source(uri: str, digest: str) -> SourceRef:
    return SourceRef(uri=uri, digest=digest, size_bytes=3)


MAY = Batch("2026-05", (source("/in/a", "1"), source("/in/b", "2")))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(f"sqlite:///{tmp_path}/letters.db")


@pytest.mark.parametrize(
    ("outcome", "is_done"), [("passed", True), ("warned", True), ("stopped", False), ("failed", False)]
)
def test_only_what_went_through_with_the_same_inputs_is_done(ledger: Ledger, outcome: str, is_done: bool) -> None:
    ledger.note("events", MAY, "d1", "r1", outcome)

    assert ledger.is_done("events", MAY, "d1") is is_done
    assert not ledger.is_done("events", MAY, "d2")
    assert not ledger.is_done("flights", MAY, "d1")
    assert not ledger.is_done("events", MAY._replace(key="2026-06"), "d1")


def test_the_newest_run_of_a_batch_is_the_one_that_counts(ledger: Ledger) -> None:
    ledger.note("events", MAY, "d1", "r1", "passed")
    ledger.note("events", MAY, "d2", "r2", "warned")

    assert ledger.is_done("events", MAY, "d2")
    assert not ledger.is_done("events", MAY, "d1")


def test_a_content_that_went_through_under_another_name_is_known(ledger: Ledger) -> None:
    ledger.note("events", MAY, "d1", "r1", "passed")
    ledger.note("events", Batch("2026-06", (source("/in/c", "3"),)), "d1", "r2", "stopped")

    again = [source("/in/a", "1"), source("/in/new", "2"), source("/in/d", "3"), source("/in/e", "4")]
    assert ledger.known_elsewhere("events", again) == {"/in/new": "/in/b"}


def test_it_is_kept(tmp_path: Path, ledger: Ledger) -> None:
    ledger.note("events", MAY, "d1", "r1", "passed")

    assert open_ledger(f"sqlite:///{tmp_path}/letters.db").is_done("events", MAY, "d1")
