"""Who changed what, replays and what they released, and enough about files to read raw text from them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add tables and columns."""
    op.add_column("dead_letter_source", sa.Column("size_bytes", sa.BigInteger))
    op.add_column("dead_letter_source", sa.Column("records", sa.BigInteger))
    op.create_table(
        "dead_letter_change",
        sa.Column("change_key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("letters", sa.BigInteger, nullable=False),
    )
    op.add_column("dead_letter", sa.Column("change_key", _KEY))
    op.create_table(
        "dead_letter_replay",
        sa.Column("replay_key", _KEY, primary_key=True, autoincrement=True),
        sa.Column("replay_id", sa.String, nullable=False, unique=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("request", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("repair", sa.String),
        sa.Column("contract_digest", sa.String, nullable=False),
        sa.Column("suite_digest", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text, nullable=False),
    )
    op.create_table(
        "dead_letter_release",
        sa.Column("letter_key", _KEY, sa.ForeignKey("dead_letter.letter_key"), primary_key=True, autoincrement=False),
        sa.Column("replay_key", _KEY, sa.ForeignKey("dead_letter_replay.replay_key"), nullable=False),
        sa.Column("repair", sa.String),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("raw_form", sa.String, nullable=False),
        sa.Index("dead_letter_release_by_replay", "replay_key"),
    )
    op.create_table(
        "dead_letter_restatement",
        sa.Column("replay_key", _KEY, sa.ForeignKey("dead_letter_replay.replay_key"), primary_key=True),
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("new_run_id", sa.String, nullable=False, unique=True),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("restatement", "release", "replay", "change"):
        op.drop_table(f"dead_letter_{table}")
    op.drop_column("dead_letter", "change_key")
    op.drop_column("dead_letter_source", "records")
    op.drop_column("dead_letter_source", "size_bytes")
