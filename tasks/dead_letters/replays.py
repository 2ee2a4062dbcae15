"""Replays in the table: what was released, by what repair, and which runs are still to be restated because of it.

A replay is recorded in one transaction: releases, statuses, attempts, and the restatements it owes. Killed before it,
nothing has happened; killed after it, the restatements are owed and made by whoever comes next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from tasks.dead_letters import tables
from tasks.dead_letters.changes import Action, Change, note_change
from tasks.dead_letters.models import Status
from tasks.dead_letters.raw_text import RawStorage
from tasks.models import Frozen

_AT_ONCE = 5_000
Item = TypeVar("Item")

_letter, _replay, _release, _restatement = tables.letter, tables.replay, tables.release, tables.restatement


class ReplayConflictError(Exception):
    """Some of the letters were released or discarded by somebody else meanwhile."""


class Released(NamedTuple):
    """A letter that passed, and the record as it passed."""

    letter_id: bytes
    raw: bytes | None  # None: as it came; for a whole file always
    repair: str | None


class Release(NamedTuple):
    """A released letter as later runs need it."""

    letter_id: str
    dataset: str
    file_digest: str
    line: int
    last_line: int
    repair: str | None
    raw: bytes | None
    raw_form: str


class ReplayFacts(Frozen):
    """A replay as it is recorded."""

    replay_id: str
    dataset: str
    request: str
    actor: str
    repair: str | None
    contract_digest: str
    suite_digest: str
    outcome: dict[str, Any]


class Owed(Frozen):
    """A restatement that is still to be made."""

    replay_key: int
    replay_id: str
    run_id: str
    new_run_id: str


def record_replay(
    connection: sa.Connection,
    facts: ReplayFacts,
    now: datetime,
    *,
    released: Sequence[Released],
    attempted: Sequence[bytes],
    restated: Mapping[str, str],
    storage: RawStorage,
) -> None:
    """Record a replay whole.

    Args:
        connection: a writing transaction.
        facts: who replayed what, and what came of it.
        now: when.
        released: the letters that passed.
        attempted: ids of all that were tried, the released ones too.
        restated: runs to be restated, and the run ids of their new versions.
        storage: how the repaired text is kept.

    Raises:
        ReplayConflictError: a letter is not open any more. Nothing is recorded.
    """
    values = facts.model_dump(exclude={"outcome"}) | {"recorded_at": now, "outcome": json.dumps(facts.outcome)}
    values["finished_at"] = None if restated else now
    key = connection.execute(sa.insert(_replay).values(values).returning(_replay.c.replay_key)).scalar_one()
    note = f"replay {facts.replay_id}" + (f" with {facts.repair}" if facts.repair else "")
    action = Action.RELEASE if released else Action.ATTEMPT
    change = Change(at=now, actor=facts.actor, action=action, note=note, letters=len(released))
    change_key = note_change(connection, change)
    for some in _pieces(attempted):
        counted = sa.update(_letter).where(_letter.c.id.in_(some)).values(attempts=_letter.c.attempts + 1)
        connection.execute(counted)
    closed = {"status": Status.REPLAYED.value, "changed_by": facts.actor, "changed_at": now, "change_key": change_key}
    for passed in _pieces(released):
        _close(connection, passed, closed)
        _keep(connection, passed, int(key), storage)
    rows = [{"replay_key": key, "run_id": run, "new_run_id": new} for run, new in restated.items()]
    if rows:
        connection.execute(sa.insert(_restatement), rows)


def _close(connection: sa.Connection, released: Sequence[Released], values: Mapping[str, Any]) -> None:
    ids = [one.letter_id for one in released]
    is_open = sa.and_(_letter.c.id.in_(ids), _letter.c.status == Status.OPEN.value)
    if connection.execute(sa.update(_letter).where(is_open).values(**values)).rowcount != len(ids):
        raise ReplayConflictError("some of the letters were changed by somebody else meanwhile; nothing was done")


def _keep(connection: sa.Connection, released: Sequence[Released], replay_key: int, storage: RawStorage) -> None:
    ids = [one.letter_id for one in released]
    found = connection.execute(sa.select(_letter.c.id, _letter.c.letter_key).where(_letter.c.id.in_(ids)))
    keys = {bytes(id_): key for id_, key in found}
    rows = []
    for one in released:
        raw, form = storage.keep(one.letter_id, one.raw)
        place = {"letter_key": keys[one.letter_id], "replay_key": replay_key}
        rows.append(place | {"repair": one.repair, "raw": raw, "raw_form": form.value})
    connection.execute(sa.insert(_release), rows)


def _pieces(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def releases_of(connection: sa.Connection, dataset: str, file_digests: Iterable[str]) -> list[Release]:
    """What was released of some files, file by file, in the order of lines."""
    source = tables.source
    wanted = sorted(set(file_digests))
    query = (
        sa.select(
            _letter.c.id,
            source.c.dataset,
            source.c.file_digest,
            _letter.c.line,
            _letter.c.last_line,
            _release.c.repair,
            _release.c.raw,
            _release.c.raw_form,
        )
        .join(_letter, _letter.c.letter_key == _release.c.letter_key)
        .join(source, source.c.source_key == _letter.c.source_key)
        .where(source.c.dataset == dataset)
        .order_by(source.c.file_digest, _letter.c.line)
    )
    found = []
    for some in _pieces(wanted):
        rows = connection.execute(query.where(source.c.file_digest.in_(some)))
        found += [Release(bytes(row[0]).hex(), *row[1:]) for row in rows]
    return found


def owed_restatements(connection: sa.Connection, dataset: str) -> list[Owed]:
    """The restatements that replays of a dataset still owe, the oldest first."""
    columns = (_replay.c.replay_key, _replay.c.replay_id, _restatement.c.run_id, _restatement.c.new_run_id)
    query = (
        sa.select(*columns)
        .join(_restatement, _restatement.c.replay_key == _replay.c.replay_key)
        .where(_replay.c.dataset == dataset, _restatement.c.finished_at.is_(None))
        .order_by(_replay.c.replay_key, _restatement.c.run_id)
    )
    return [Owed.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def finish_restatement(connection: sa.Connection, owed: Owed, now: datetime) -> None:
    """Note that a restatement is made; with its last one the replay is finished."""
    mine = sa.and_(_restatement.c.replay_key == owed.replay_key, _restatement.c.run_id == owed.run_id)
    connection.execute(sa.update(_restatement).where(mine).values(finished_at=now))
    left = sa.exists().where(_restatement.c.replay_key == owed.replay_key, _restatement.c.finished_at.is_(None))
    done = sa.update(_replay).where(_replay.c.replay_key == owed.replay_key, ~left)
    connection.execute(done.values(finished_at=now))


def unfinished_replay(connection: sa.Connection, request: str) -> ReplayFacts | None:
    """A replay of the same request that was recorded and still owes restatements."""
    query = sa.select(_replay).where(_replay.c.request == request, _replay.c.finished_at.is_(None))
    return _facts(connection.execute(query.order_by(_replay.c.replay_key.desc())).mappings().first())


def _facts(row: sa.RowMapping | None) -> ReplayFacts | None:
    if row is None:
        return None
    values = {name: row[name] for name in ReplayFacts.model_fields if name != "outcome"}
    return ReplayFacts(outcome=json.loads(row["outcome"]), **values)


def released_by(connection: sa.Connection, replay_id: str) -> list[str]:
    """Ids of the letters a replay released."""
    query = (
        sa.select(_letter.c.id)
        .join(_release, _release.c.letter_key == _letter.c.letter_key)
        .join(_replay, _replay.c.replay_key == _release.c.replay_key)
        .where(_replay.c.replay_id == replay_id)
        .order_by(_letter.c.source_key, _letter.c.line)
    )
    return [bytes(id_).hex() for (id_,) in connection.execute(query)]


def versions_of(connection: sa.Connection, run_id: str) -> list[str]:
    """Run ids of the restated versions of a run, made or owed."""
    query = sa.select(_restatement.c.new_run_id).where(
        _restatement.c.new_run_id.startswith(f"{run_id}-v", autoescape=True)
    )
    return [str(name) for (name,) in connection.execute(query)]
