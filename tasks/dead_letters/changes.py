"""What people and schedules do to dead letters: each change is one transaction, and is written down."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import AwareDatetime

from tasks.dead_letters import tables
from tasks.dead_letters.models import Filters, Status
from tasks.dead_letters.queries import conditions
from tasks.models import Frozen

_AT_ONCE = 10_000

_letter = tables.letter


class Action(StrEnum):
    """What was done."""

    DISCARD = "discard"
    REOPEN = "reopen"
    REVEAL = "reveal"
    RELEASE = "release"
    ATTEMPT = "attempt"
    PURGE = "purge"


class Change(Frozen):
    """Who did what to how many letters."""

    at: AwareDatetime
    actor: str
    action: Action
    note: str | None
    letters: int


def note_change(connection: sa.Connection, change: Change) -> int:
    """Write a change down; gives its key."""
    inserted = sa.insert(tables.change).values(change.model_dump()).returning(tables.change.c.change_key)
    return int(connection.execute(inserted).scalar_one())


def set_status(connection: sa.Connection, filters: Filters, status: Status, change: Change) -> int:
    """Give the letters the filters choose another status; gives how many had not got it yet."""
    chosen = [*conditions(filters), _letter.c.status != status.value]
    key = note_change(connection, change)
    changed = connection.execute(
        sa.update(_letter)
        .where(*chosen)
        .values(status=status.value, changed_by=change.actor, changed_at=change.at, change_key=key)
    ).rowcount
    connection.execute(sa.update(tables.change).where(tables.change.c.change_key == key).values(letters=changed))
    return changed


def list_changes(connection: sa.Connection, limit: int) -> list[Change]:
    """The newest changes."""
    names = [tables.change.c[name] for name in Change.model_fields]
    rows = connection.execute(sa.select(*names).order_by(tables.change.c.change_key.desc()).limit(limit))
    return [Change.model_validate(dict(row)) for row in rows.mappings()]


def closed_before(now: datetime, days: int, dataset: str | None) -> sa.Select[Any]:
    """Keys of letters, of one dataset or of all, that are done with and that no run has seen for some days."""
    old_runs = sa.select(tables.run.c.run_key).where(tables.run.c.seen_at < now - timedelta(days=days))
    if dataset is not None:
        old_runs = old_runs.where(tables.run.c.dataset == dataset)
    return (
        sa.select(_letter.c.letter_key)
        .where(_letter.c.status != Status.OPEN.value, _letter.c.last_run_key.in_(old_runs))
        .limit(_AT_ONCE)
    )


def delete_closed(connection: sa.Connection, now: datetime, days: int, dataset: str | None) -> int:
    """Delete some of those letters, with what was released of them; 0 when none is left."""
    keys = [int(key) for (key,) in connection.execute(closed_before(now, days, dataset))]
    if keys:
        connection.execute(sa.delete(tables.release).where(tables.release.c.letter_key.in_(keys)))
        connection.execute(sa.delete(_letter).where(_letter.c.letter_key.in_(keys)))
    return len(keys)
