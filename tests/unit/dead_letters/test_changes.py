from __future__ import annotations

from datetime import timedelta

from tasks.dead_letters.changes import Action
from tasks.dead_letters.models import Filters, Status, StoredLetter
from tasks.dead_letters.queries import utc_now
from tasks.dead_letters.store import DeadLetterStore

from .conftest import Write, batch, letter, reason


def test_discarding_and_opening_again(store: DeadLetterStore, write: Write) -> None:
    store.add([write(letter(1), letter(2), letter(3, reasons=[reason("other")]))], batch())
    chosen = Filters(reason="too_few_fields")
    assert store.discard(chosen, "ann@desk", "test rows") == 2
    assert store.discard(chosen, "ann@desk", "again") == 0
    assert store.count() == 1
    discarded = list(store.letters(Filters(status=Status.DISCARDED)))
    assert {(one.line, one.changed_by) for one in discarded} == {(1, "ann@desk"), (2, "ann@desk")}
    assert all(one.changed_at is not None for one in discarded)

    assert store.reopen(Filters(ids=(discarded[0].id,)), "bob@desk", "it was right") == 1
    assert store.count() == 2
    newest = store.changes()
    assert [(one.actor, one.action, one.note, one.letters) for one in newest] == [
        ("bob@desk", Action.REOPEN, "it was right", 1),
        ("ann@desk", Action.DISCARD, "again", 0),
        ("ann@desk", Action.DISCARD, "test rows", 2),
    ]


def test_a_discarded_letter_that_comes_again_stays_discarded(store: DeadLetterStore, write: Write) -> None:
    path = write(letter(1))
    store.add([path], batch())
    store.discard(Filters(), "ann", "no")
    store.add([path], batch("run-2", 2))
    (found,) = store.letters(Filters(status=None))
    assert (found.status, found.last_run, found.changed_by) == (Status.DISCARDED, "run-2", "ann")


def test_looking_is_written_down(store: DeadLetterStore) -> None:
    store.note_reveal("ann", "show 12ab", 1)
    (seen,) = store.changes()
    assert (seen.actor, seen.action, seen.note, seen.letters) == ("ann", Action.REVEAL, "show 12ab", 1)


def test_purging_takes_closed_letters_nobody_has_seen_for_long(store: DeadLetterStore, write: Write) -> None:
    now = utc_now()
    old = batch("old").model_copy(update={"seen_at": now - timedelta(days=40)})
    new = batch("new").model_copy(update={"seen_at": now - timedelta(days=20)})
    store.add([write(letter(1), letter(2), letter(3))], old)
    store.add([write(letter(2), letter(4))], new)
    store.discard(Filters(), "ann", "old stuff")
    store.reopen(Filters(file="a.csv", ids=tuple(one.id for one in _at(store, 3))), "ann", "no")
    assert store.purge(30, "retention") == 1
    assert sorted(one.line for one in store.letters(Filters(status=None))) == [2, 3, 4]
    assert store.purge(10, "retention") == 2
    assert [one.line for one in store.letters(Filters(status=None))] == [3]
    assert store.purge(0, "retention") == 0


def _at(store: DeadLetterStore, line: int) -> list[StoredLetter]:
    return [one for one in store.letters(Filters(status=None)) if one.line == line]


def test_samples_stand_for_each_kind(store: DeadLetterStore, write: Write) -> None:
    many = [letter(line) for line in range(1, 201)]
    few = [letter(line, reasons=[reason("rare")]) for line in range(301, 304)]
    store.add([write(*many, *few)], batch())
    kinds = store.sample_kinds(Filters(), 20)
    assert [kind.letters for kind in kinds] == [200, 3]
    assert 15 <= len(kinds[0].sample) <= 25
    assert 1 <= len(kinds[1].sample) <= 3
    everything = store.sample_kinds(Filters(), 1_000)
    assert [len(kind.sample) for kind in everything] == [200, 3]
    assert store.sample_kinds(Filters(reason="none"), 10) == ()
