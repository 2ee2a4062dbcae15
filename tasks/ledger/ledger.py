"""The ledger: which files were seen, which batches were run, and how that ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from tasks.dead_letters.database import connect, reading, writing
from tasks.ledger.batches import Batch
from tasks.models import SourceRef

_METADATA = sa.MetaData()
_FILES = sa.Table(
    "ledger_files",
    _METADATA,
    sa.Column("dataset", sa.String(200), primary_key=True),
    sa.Column("uri", sa.String(2000), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("first_seen", sa.DateTime, nullable=False),  # UTC
    sa.Column("run_id", sa.String(200), nullable=False),  # the newest that read it
    sa.Column("outcome", sa.String(20), nullable=False),
)
_BATCHES = sa.Table(
    "ledger_batches",
    _METADATA,
    sa.Column("dataset", sa.String(200), primary_key=True),
    sa.Column("batch", sa.String(2000), primary_key=True),
    sa.Column("inputs_digest", sa.String(64), nullable=False),
    sa.Column("run_id", sa.String(200), nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("finished_at", sa.DateTime, nullable=False),  # UTC
)
_WENT_THROUGH = ("passed", "warned")
_FEW = 500  # parameters of one question


class Ledger:
    """Asks and writes; every call is a transaction of its own."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def is_done(self, dataset: str, batch: Batch, inputs_digest: str) -> bool:
        """Whether this batch went through with just these inputs."""
        with reading(self._engine) as connection:
            found = connection.execute(_of_batch(dataset, batch.key)).one_or_none()
        return found is not None and found.inputs_digest == inputs_digest and found.outcome in _WENT_THROUGH

    def note(self, dataset: str, batch: Batch, inputs_digest: str, run_id: str, outcome: str) -> None:
        """Write down how a run of a batch ended; it replaces what an earlier run of the batch left."""
        now = _now()
        values = {"inputs_digest": inputs_digest, "run_id": run_id, "outcome": outcome, "finished_at": now}
        with writing(self._engine) as connection:
            _put(connection, _BATCHES, {"dataset": dataset, "batch": batch.key}, values, {})
            for source in batch.sources:
                place = {"dataset": dataset, "uri": source.uri, "digest": source.digest}
                _put(
                    connection,
                    _FILES,
                    place,
                    {"run_id": run_id, "outcome": outcome},
                    {"first_seen": now, "size_bytes": source.size_bytes},
                )

    def known_elsewhere(self, dataset: str, sources: Iterable[SourceRef]) -> dict[str, str]:
        """Contents that went through under another name before: the address now, and the address then."""
        by_digest: dict[str, list[str]] = {}
        for source in sources:
            by_digest.setdefault(source.digest, []).append(source.uri)
        digests, found = list(by_digest), {}
        with reading(self._engine) as connection:
            for start in range(0, len(digests), _FEW):
                asked = sa.select(_FILES.c.uri, _FILES.c.digest).where(
                    _FILES.c.dataset == dataset,
                    _FILES.c.outcome.in_(_WENT_THROUGH),
                    _FILES.c.digest.in_(digests[start : start + _FEW]),
                )
                known: dict[str, set[str]] = {}
                for row in connection.execute(asked):
                    known.setdefault(row.digest, set()).add(row.uri)
                for digest, before in known.items():
                    found.update({uri: min(before) for uri in by_digest[digest] if uri not in before})
        return found


def open_ledger(url: str) -> Ledger:
    """The ledger in a database; its tables are made where they are not there.

    Raises:
        UsageError: the address is not one that is read.
        sqlalchemy.exc.OperationalError: the database is away.
    """
    engine = connect(url)
    with writing(engine) as connection:
        _METADATA.create_all(connection)
    return Ledger(engine)


def _of_batch(dataset: str, batch: str) -> sa.Select[tuple[str, str]]:
    return sa.select(_BATCHES.c.inputs_digest, _BATCHES.c.outcome).where(
        _BATCHES.c.dataset == dataset, _BATCHES.c.batch == batch
    )


def _put(
    connection: sa.Connection,
    table: sa.Table,
    place: Mapping[str, object],
    values: Mapping[str, object],
    when_new: Mapping[str, object],
) -> None:
    """Update a row or add it; writers come one after the other, so nobody adds it in between."""
    where = [table.c[name] == value for name, value in place.items()]
    if connection.execute(sa.update(table).where(*where).values(dict(values))).rowcount == 0:
        connection.execute(sa.insert(table).values({**place, **values, **when_new}))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
