"""The table as it began: letters, and what many of them share kept once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table and view."""
    _make_shared_parts()
    _make_letters()
    _make_views()


def _make_shared_parts() -> None:
    op.create_table(
        "dead_letter_source",
        sa.Column("source_key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("file_digest", sa.String, nullable=False),
        sa.Column("file_format", sa.String),
        sa.Column("encoding", sa.String),
        sa.Column("dialect", sa.Text),
        sa.Column("header", sa.Text),
        sa.UniqueConstraint("dataset", "file_digest", "file", name="dead_letter_source_once"),
    )
    op.create_table(
        "dead_letter_run",
        sa.Column("run_key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("contract_digest", sa.String, nullable=False),
        sa.Column("suite_digest", sa.String),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("dataset", "run_id", name="dead_letter_run_once"),
    )
    op.create_table(
        "dead_letter_signature",
        sa.Column("signature_key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
    )
    op.create_table(
        "dead_letter_reason",
        sa.Column("signature_key", _KEY, sa.ForeignKey("dead_letter_signature.signature_key"), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("rule_id", sa.String),
        sa.Column("column_name", sa.String),
        sa.Column("severity", sa.String),
        sa.Column("status", sa.String),
        sa.Column("message", sa.Text),
        sa.Index("dead_letter_reason_code", "code"),
    )


def _make_letters() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("letter_key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("id", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("source_key", _KEY, sa.ForeignKey("dead_letter_source.source_key"), nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("last_line", sa.BigInteger, nullable=False),
        sa.Column("byte_offset", sa.BigInteger),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("raw_form", sa.String, nullable=False),
        sa.Column("signature_key", _KEY, sa.ForeignKey("dead_letter_signature.signature_key"), nullable=False),
        sa.Column("first_run_key", _KEY, sa.ForeignKey("dead_letter_run.run_key"), nullable=False),
        sa.Column("last_run_key", _KEY, sa.ForeignKey("dead_letter_run.run_key"), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("status", sa.String, nullable=False, server_default="open"),
        sa.Column("changed_by", sa.String),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("status IN ('open', 'replayed', 'discarded')", name="dead_letter_status"),
        sa.Index("dead_letter_by_reason", "status", "signature_key", "first_run_key", "letter_key"),
        sa.Index("dead_letter_by_source", "source_key", "line"),
        sa.Index("dead_letter_by_first_run", "first_run_key"),
        sa.Index("dead_letter_by_last_run", "last_run_key"),
    )


def _make_views() -> None:
    hex_id = "lower(hex(l.id))" if op.get_bind().dialect.name == "sqlite" else "encode(l.id, 'hex')"
    op.execute(
        f"""
        CREATE VIEW dead_letters AS
        SELECT {hex_id} AS id, s.dataset, s.file, s.file_digest, l.line, l.last_line, l.byte_offset, l.records, l.raw,
               l.raw_form, g.stage, r2.contract_digest, r2.suite_digest, r1.run_id AS first_run,
               r1.seen_at AS first_seen_at, r2.run_id AS last_run, r2.seen_at AS last_seen_at, l.attempts, l.status,
               l.changed_by, l.changed_at
        FROM dead_letter l
        JOIN dead_letter_source s ON s.source_key = l.source_key
        JOIN dead_letter_signature g ON g.signature_key = l.signature_key
        JOIN dead_letter_run r1 ON r1.run_key = l.first_run_key
        JOIN dead_letter_run r2 ON r2.run_key = l.last_run_key
        """  # noqa: S608 - the only part filled in is one of two constants above
    )
    op.execute(
        f"""
        CREATE VIEW dead_letter_reasons AS
        SELECT {hex_id} AS id, r.ordinal, r.code, r.rule_id, r.column_name, r.severity, r.status, r.message
        FROM dead_letter l
        JOIN dead_letter_reason r ON r.signature_key = l.signature_key
        """  # noqa: S608 - as above
    )


def downgrade() -> None:
    """Take everything away."""
    op.execute("DROP VIEW dead_letter_reasons")
    op.execute("DROP VIEW dead_letters")
    for table in ("", "_reason", "_signature", "_run", "_source"):
        op.drop_table(f"dead_letter{table}")
