"""The dead-letter table: what is stored about rejected lines and rows, and how it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from tasks.dead_letters import changes, database, queries, replays, samples
from tasks.dead_letters.changes import Action, Change
from tasks.dead_letters.load import add_letters
from tasks.dead_letters.models import Added, BatchFacts, FileFacts, Filters, ReasonCount, Stats, Status, StoredLetter
from tasks.dead_letters.raw_text import PlainText, RawStorage
from tasks.dead_letters.replays import Owed, Release, Released, ReplayFacts
from tasks.dead_letters.samples import Kind


class DeadLetterStore:
    """A database of dead letters, open. Use `open_store`; close it, or use it in a `with` statement."""

    def __init__(self, engine: sa.Engine, storage: RawStorage) -> None:
        self.engine = engine
        self._storage = storage

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def add(self, letters: Sequence[Path], batch: BatchFacts) -> Added:
        """Load Parquet files of LETTER_SCHEMA; letters that are there already are not added again."""
        return add_letters(self.engine, letters, batch, self._storage)

    def count(self, filters: Filters = Filters()) -> int:  # noqa: B008 - a frozen value
        """How many letters the filters choose."""
        with database.reading(self.engine) as connection:
            return queries.count(connection, filters)

    def counts_by_reason(self, filters: Filters = Filters()) -> tuple[ReasonCount, ...]:  # noqa: B008 - a frozen value
        """How many letters have each reason, the most frequent first."""
        with database.reading(self.engine) as connection:
            return queries.counts_by_reason(connection, filters)

    def letters(self, filters: Filters = Filters(), limit: int | None = None) -> Iterator[StoredLetter]:  # noqa: B008 - a frozen value
        """The letters the filters choose, one at a time."""
        with database.reading(self.engine) as connection:
            yield from queries.letters(connection, filters, limit)

    def stats(self, filters: Filters = Filters()) -> Stats:  # noqa: B008 - a frozen value
        """How the letters the filters choose stand now, whatever their status."""
        with database.reading(self.engine) as connection:
            return queries.stats(connection, filters, queries.utc_now())

    def file_facts(self) -> dict[str, FileFacts]:
        """How the source files are written, by digest."""
        with database.reading(self.engine) as connection:
            return queries.file_facts(connection)

    def sample_kinds(self, filters: Filters, most: int) -> tuple[Kind, ...]:
        """Each kind of letters (those with the same reasons), with a sample; about `most` letters in all."""
        with database.reading(self.engine) as connection:
            return tuple(samples.sample_kinds(connection, filters, most))

    def discard(self, filters: Filters, actor: str, reason: str) -> int:
        """Close open letters for good, and say why; gives how many."""
        change = self._change(actor, Action.DISCARD, reason)
        with database.writing(self.engine) as connection:
            only_open = filters.model_copy(update={"status": Status.OPEN})
            return changes.set_status(connection, only_open, Status.DISCARDED, change)

    def reopen(self, filters: Filters, actor: str, reason: str) -> int:
        """Open discarded letters again; gives how many."""
        change = self._change(actor, Action.REOPEN, reason)
        with database.writing(self.engine) as connection:
            discarded = filters.model_copy(update={"status": Status.DISCARDED})
            return changes.set_status(connection, discarded, Status.OPEN, change)

    def note_reveal(self, actor: str, what: str, letters: int) -> None:
        """Write down that somebody is shown raw text. To be called before it is shown."""
        with database.writing(self.engine) as connection:
            changes.note_change(connection, self._change(actor, Action.REVEAL, what, letters))

    def changes(self, limit: int = 100) -> list[Change]:
        """What was done to letters, the newest first."""
        with database.reading(self.engine) as connection:
            return changes.list_changes(connection, limit)

    def purge(self, days: int, actor: str, dataset: str | None = None) -> int:
        """Delete letters that are replayed or discarded and that no run has seen for some days; gives how many.

        Open letters stay, however old they are.

        Args:
            days: since a run last read their file.
            actor: is written down.
            dataset: whose letters; all if not given.
        """
        now, total = queries.utc_now(), 0
        while True:  # in pieces: other writers get their turn
            with database.writing(self.engine) as connection:
                deleted = changes.delete_closed(connection, now, days, dataset)
                if deleted:
                    note = f"not seen for {days} days"
                    changes.note_change(connection, self._change(actor, Action.PURGE, note, deleted))
            total += deleted
            if not deleted:
                return total

    def record_replay(
        self,
        facts: ReplayFacts,
        released: Sequence[Released],
        attempted: Sequence[bytes],
        restated: Mapping[str, str],
    ) -> None:
        """Record a replay whole or not at all.

        Raises:
            ReplayConflictError: a letter is not open any more.
        """
        with database.writing(self.engine) as connection:
            replays.record_replay(
                connection,
                facts,
                queries.utc_now(),
                released=released,
                attempted=attempted,
                restated=restated,
                storage=self._storage,
            )

    def releases(self, dataset: str, file_digests: Iterable[str]) -> list[Release]:
        """What was released of some files of a dataset."""
        with database.reading(self.engine) as connection:
            return replays.releases_of(connection, dataset, file_digests)

    def owed_restatements(self, dataset: str) -> list[Owed]:
        """The restatements that replays of a dataset still owe, the oldest first."""
        with database.reading(self.engine) as connection:
            return replays.owed_restatements(connection, dataset)

    def finish_restatement(self, owed: Owed) -> None:
        """Note that a restatement is made."""
        with database.writing(self.engine) as connection:
            replays.finish_restatement(connection, owed, queries.utc_now())

    def unfinished_replay(self, request: str) -> ReplayFacts | None:
        """A replay of the same request that still owes restatements."""
        with database.reading(self.engine) as connection:
            return replays.unfinished_replay(connection, request)

    def released_by(self, replay_id: str) -> list[str]:
        """Ids of the letters a replay released."""
        with database.reading(self.engine) as connection:
            return replays.released_by(connection, replay_id)

    def versions_of(self, run_id: str) -> list[str]:
        """Run ids of the restated versions of a run, made or owed."""
        with database.reading(self.engine) as connection:
            return replays.versions_of(connection, run_id)

    @staticmethod
    def _change(actor: str, action: Action, note: str, letters: int = 0) -> Change:
        return Change(at=queries.utc_now(), actor=actor, action=action, note=note, letters=letters)


def open_store(url: str, storage: RawStorage | None = None) -> DeadLetterStore:
    """Open the dead-letter table at a SQLAlchemy address, making folder and schema where they are missing.

    Args:
        url: `sqlite:///path/to/file.db` or `postgresql+psycopg://user@host/database`.
        storage: how raw text is kept; plain if not given.

    Raises:
        UsageError: the address is wrong, or the table is a newer Sluice's.
        sqlalchemy.exc.DBAPIError: the database does not answer; see `database.is_transient`.
    """
    engine = database.connect(url)
    try:
        database.migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return DeadLetterStore(engine, storage or PlainText())
