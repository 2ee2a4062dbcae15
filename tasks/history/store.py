"""Measures of past runs in the database that also holds the dead letters, in a table of their own.

A run is one row with its measures as JSON: nothing here is asked for but whole runs of a dataset, the latest first.
"""

from __future__ import annotations

import sqlalchemy as sa

from tasks.dead_letters.database import connect, reading, writing
from tasks.dead_letters.tables import UtcDateTime
from tasks.history.models import RunMeasures

metadata = sa.MetaData()
run_history = sa.Table(
    "run_history",
    metadata,
    sa.Column("run_id", sa.String, primary_key=True),
    sa.Column("dataset", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("measures", sa.Text, nullable=False),
    sa.Index("run_history_by_dataset", "dataset", "started_at"),
)
_LET_THROUGH = ("passed", "warned")
_READ_PER_RUN = 4  # reruns over one input are one run of the baseline, so more are read than it asks for


class RunHistory:
    """The history of runs at a SQLAlchemy address. Every method opens and closes its own connection.

    All methods raise `sqlalchemy.exc.DBAPIError` where the database does not answer (see
    `tasks.dead_letters.database.is_transient`), and the constructor `UsageError` where the address is wrong.
    """

    def __init__(self, url: str) -> None:
        self._engine = connect(url)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def remember(self, run: RunMeasures) -> None:
        """Keep a run; one that is there already is replaced."""
        row = {
            "run_id": run.run_id,
            "dataset": run.dataset,
            "status": run.status,
            "started_at": run.started_at,
            "measures": run.model_dump_json(),
        }
        with writing(self._engine) as connection:
            metadata.create_all(connection)
            connection.execute(run_history.delete().where(run_history.c.run_id == run.run_id))
            connection.execute(run_history.insert(), [row])

    def past(self, dataset: str, runs: int) -> list[RunMeasures]:
        """The latest runs of a dataset that were let through, the latest first; enough for a baseline of `runs`."""
        wanted = (
            sa.select(run_history.c.measures)
            .where(run_history.c.dataset == dataset, run_history.c.status.in_(_LET_THROUGH))
            .order_by(run_history.c.started_at.desc(), run_history.c.run_id.desc())
            .limit(runs * _READ_PER_RUN)
        )
        return self._read(wanted)

    def all(self, limit: int) -> list[RunMeasures]:
        """The latest runs of every dataset, with any outcome, the latest first."""
        order = (run_history.c.started_at.desc(), run_history.c.run_id.desc())
        return self._read(sa.select(run_history.c.measures).order_by(*order).limit(limit))

    def find(self, run_id: str) -> RunMeasures | None:
        """One run; None where it was not kept."""
        found = self._read(sa.select(run_history.c.measures).where(run_history.c.run_id == run_id))
        return found[0] if found else None

    def _read(self, query: sa.Select[tuple[str]]) -> list[RunMeasures]:
        with reading(self._engine) as connection:
            if not sa.inspect(connection).has_table(run_history.name):
                return []
            return [RunMeasures.model_validate_json(text) for text in connection.execute(query).scalars()]
