"""Some letters of each kind, spread over all of it, to stand for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from tasks.dead_letters import tables
from tasks.dead_letters.models import Filters, StoredLetter
from tasks.dead_letters.queries import conditions, stored_letters

_letter = tables.letter


class Kind(NamedTuple):
    """Letters with the same reasons."""

    letters: int
    sample: tuple[StoredLetter, ...]


def sample_kinds(connection: sa.Connection, filters: Filters, most: int) -> Iterator[Kind]:
    """Each kind of letters the filters choose, the largest first, with a sample of it.

    Args:
        connection: to a store.
        filters: which letters.
        most: about how many letters the samples hold together. A kind is never without a sample.
    """
    where = conditions(filters)
    per_kind = (
        sa.select(_letter.c.signature_key, sa.func.count().label("letters"))
        .where(*where)
        .group_by(_letter.c.signature_key)
        .order_by(sa.desc("letters"))
    )
    kinds = connection.execute(per_kind).all()
    total = sum(number for _, number in kinds)
    step = max(1, -(-total // most))
    for signature, number in kinds:
        every = min(step, number)
        spread = sa.and_(
            *where, _letter.c.signature_key == signature, _letter.c.letter_key % every == _first(signature, every)
        )
        sample = tuple(stored_letters(connection, spread)) or tuple(
            stored_letters(connection, sa.and_(*where, _letter.c.signature_key == signature), limit=1)
        )
        yield Kind(int(number), sample)


def _first(signature: int, every: int) -> int:
    """Where a kind's sample begins: not at the same letters for all of them."""
    return signature % every
