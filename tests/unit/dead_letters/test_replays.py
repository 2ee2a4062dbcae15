from __future__ import annotations

import pytest

from tasks.dead_letters.changes import Action
from tasks.dead_letters.models import FileFacts, Filters, Status
from tasks.dead_letters.replays import Released, ReplayConflictError
from tasks.dead_letters.store import DeadLetterStore

from .conftest import Write, batch, letter, replay_facts


@pytest.fixture
def ids(store: DeadLetterStore, write: Write) -> list[bytes]:
    store.add([write(*(letter(line) for line in range(1, 5)))], batch())
    return [bytes.fromhex(one.id) for one in sorted(store.letters(), key=lambda one: one.line)]


def test_a_replay_is_recorded_whole(store: DeadLetterStore, ids: list[bytes]) -> None:
    released = [Released(ids[0], b"fixed", "drop_nul"), Released(ids[1], None, None)]
    store.record_replay(replay_facts(), released, ids[:3], {"run-1": "run-1-v2"})

    by_line = {one.line: one for one in store.letters(Filters(status=None))}
    assert [by_line[line].attempts for line in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert [by_line[line].status for line in (1, 2, 3, 4)] == [Status.REPLAYED] * 2 + [Status.OPEN] * 2
    assert by_line[1].changed_by == "ann"
    kept = store.releases("events", ["d1", "d2"])
    assert [(one.line, one.repair, one.raw, one.raw_form) for one in kept] == [
        (1, "drop_nul", b"fixed", "plain"),
        (2, None, None, "absent"),
    ]
    assert store.releases("flights", ["d1"]) == []
    assert store.released_by("replay-1") == [ids[0].hex(), ids[1].hex()]
    (change,) = store.changes()
    assert (change.action, change.note, change.letters) == (Action.RELEASE, "replay replay-1 with drop_nul", 2)


def test_restatements_are_owed_until_they_are_made(store: DeadLetterStore, ids: list[bytes]) -> None:
    store.record_replay(replay_facts(), [Released(ids[0], None, None)], ids, {"run-1": "run-1-v2", "run-0": "run-0-v2"})
    first, second = store.owed_restatements("events")
    assert [(one.run_id, one.new_run_id) for one in (first, second)] == [("run-0", "run-0-v2"), ("run-1", "run-1-v2")]
    assert store.versions_of("run-1") == ["run-1-v2"]
    assert store.unfinished_replay("asked") == replay_facts()
    store.finish_restatement(first)
    assert store.owed_restatements("events") == [second]
    store.finish_restatement(second)
    assert store.unfinished_replay("asked") is None
    assert store.owed_restatements("events") == []


def test_a_replay_that_releases_nothing_is_finished_at_once(store: DeadLetterStore, ids: list[bytes]) -> None:
    store.record_replay(replay_facts(), [], ids, {})
    assert store.unfinished_replay("asked") is None
    assert {one.attempts for one in store.letters()} == {1}


def test_nothing_is_released_twice(store: DeadLetterStore, ids: list[bytes]) -> None:
    store.record_replay(replay_facts(), [Released(ids[0], None, None)], ids[:1], {})
    both = [Released(ids[1], None, None), Released(ids[0], None, None)]
    with pytest.raises(ReplayConflictError):
        store.record_replay(replay_facts("replay-2"), both, ids, {"run-1": "run-1-v2"})
    assert [one.attempts for one in store.letters()] == [0, 0, 0]
    assert store.owed_restatements("events") == []


def test_later_runs_see_the_released_letters_of_their_files(store: DeadLetterStore, ids: list[bytes]) -> None:
    store.record_replay(replay_facts(), [Released(ids[0], None, None)], ids[:1], {})
    file = FileFacts(file_digest="d1", file_format="csv")
    store.add([], batch("run-2", 2, files=(file,)))
    runs = {one.line: one.last_run for one in store.letters(Filters(status=None))}
    assert runs == {1: "run-2", 2: "run-1", 3: "run-1", 4: "run-1"}
