"""The dead-letter table as SQLAlchemy sees it. Migrations make it; a test holds the two together.

What many letters share is stored once: the file, the run, and the list of reasons (a *signature*). A million letters
are then a million narrow rows, and counting them by reason reads one index. The views `dead_letters` and
`dead_letter_reasons` put the parts together for people (docs/decisions/0070).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite, which has no zones, holds it without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """To UTC; a naive value is a programming error."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - the base class's signature
        """Back to an aware value."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only where the type is INTEGER.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData()


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, Key, primary_key=True, autoincrement=True)


source = sa.Table(
    "dead_letter_source",
    metadata,
    _key("source_key"),
    sa.Column("dataset", sa.String, nullable=False),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("file_digest", sa.String, nullable=False),
    sa.Column("file_format", sa.String),
    sa.Column("encoding", sa.String),
    sa.Column("dialect", sa.Text),  # JSON of models.Dialect
    sa.Column("header", sa.Text),  # JSON list of names
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("records", sa.BigInteger),  # read from it, dead and blank ones too
    sa.UniqueConstraint("dataset", "file_digest", "file", name="dead_letter_source_once"),
)

run = sa.Table(
    "dead_letter_run",
    metadata,
    _key("run_key"),
    sa.Column("dataset", sa.String, nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Column("contract_digest", sa.String, nullable=False),
    sa.Column("suite_digest", sa.String),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("dataset", "run_id", name="dead_letter_run_once"),
)

signature = sa.Table(
    "dead_letter_signature",
    metadata,
    _key("signature_key"),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("dataset", sa.String, nullable=False),
    sa.Column("stage", sa.String, nullable=False),
)

reason = sa.Table(
    "dead_letter_reason",
    metadata,
    sa.Column("signature_key", Key, sa.ForeignKey(signature.c.signature_key), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("rule_id", sa.String),
    sa.Column("column_name", sa.String),
    sa.Column("severity", sa.String),
    sa.Column("status", sa.String),
    sa.Column("message", sa.Text),
    sa.Index("dead_letter_reason_code", "code"),
)

letter = sa.Table(
    "dead_letter",
    metadata,
    _key("letter_key"),
    sa.Column("id", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("source_key", Key, sa.ForeignKey(source.c.source_key), nullable=False),
    sa.Column("line", sa.BigInteger, nullable=False),
    sa.Column("last_line", sa.BigInteger, nullable=False),
    sa.Column("byte_offset", sa.BigInteger),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("raw_form", sa.String, nullable=False),
    sa.Column("signature_key", Key, sa.ForeignKey(signature.c.signature_key), nullable=False),
    sa.Column("first_run_key", Key, sa.ForeignKey(run.c.run_key), nullable=False),
    sa.Column("last_run_key", Key, sa.ForeignKey(run.c.run_key), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("status", sa.String, nullable=False, server_default="open"),
    sa.Column("changed_by", sa.String),
    sa.Column("changed_at", UtcDateTime),
    sa.Column("change_key", Key),  # of dead_letter_change; no foreign key, for SQLite cannot add one later
    sa.CheckConstraint("status IN ('open', 'replayed', 'discarded')", name="dead_letter_status"),
    # Counts by reason and age, and a page of letters with a reason, are answered from this one.
    sa.Index("dead_letter_by_reason", "status", "signature_key", "first_run_key", "letter_key"),
    sa.Index("dead_letter_by_source", "source_key", "line"),
    sa.Index("dead_letter_by_first_run", "first_run_key"),
    sa.Index("dead_letter_by_last_run", "last_run_key"),
)

change = sa.Table(
    "dead_letter_change",
    metadata,
    _key("change_key"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("letters", sa.BigInteger, nullable=False),
)

replay = sa.Table(
    "dead_letter_replay",
    metadata,
    _key("replay_key"),
    sa.Column("replay_id", sa.String, nullable=False, unique=True),
    sa.Column("dataset", sa.String, nullable=False),
    sa.Column(
        "request", sa.String, nullable=False
    ),  # digest of what was asked for: an unfinished one is taken up again
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("repair", sa.String),
    sa.Column("contract_digest", sa.String, nullable=False),
    sa.Column("suite_digest", sa.String, nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),  # null while restatements are still to be made
    sa.Column("outcome", sa.Text, nullable=False),  # JSON
)

release = sa.Table(
    "dead_letter_release",
    metadata,
    sa.Column("letter_key", Key, sa.ForeignKey(letter.c.letter_key), primary_key=True, autoincrement=False),
    sa.Column("replay_key", Key, sa.ForeignKey(replay.c.replay_key), nullable=False),
    sa.Column("repair", sa.String),
    sa.Column("raw", sa.LargeBinary),  # the record as it was repaired, kept as the letter's own raw text is
    sa.Column("raw_form", sa.String, nullable=False),
    sa.Index("dead_letter_release_by_replay", "replay_key"),
)

restatement = sa.Table(
    "dead_letter_restatement",
    metadata,
    sa.Column("replay_key", Key, sa.ForeignKey(replay.c.replay_key), primary_key=True),
    sa.Column("run_id", sa.String, primary_key=True),
    sa.Column("new_run_id", sa.String, nullable=False, unique=True),
    sa.Column("finished_at", UtcDateTime),
)

# A load goes through here, in pieces, so that both databases merge it by the same two statements.
staging = sa.Table(
    "dead_letter_staging",
    sa.MetaData(),
    sa.Column("id", sa.LargeBinary(32)),
    sa.Column("source_key", sa.BigInteger),
    sa.Column("line", sa.BigInteger),
    sa.Column("last_line", sa.BigInteger),
    sa.Column("byte_offset", sa.BigInteger),
    sa.Column("records", sa.BigInteger),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("raw_form", sa.String),
    sa.Column("signature_key", sa.BigInteger),
    sa.Column("run_key", sa.BigInteger),
    prefixes=["TEMPORARY"],
)
