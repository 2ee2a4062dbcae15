"""The dead-letter table: what is stored about rejected lines and rows, and how it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from tasks.dead_letters import database, queries
from tasks.dead_letters.load import add_letters
from tasks.dead_letters.models import Added, BatchFacts, Filters, ReasonCount, Stats, StoredLetter
from tasks.dead_letters.raw_text import PlainText, RawStorage


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

    def stats(self) -> Stats:
        """The table's state now."""
        with database.reading(self.engine) as connection:
            return queries.stats(connection, queries.utc_now())


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
