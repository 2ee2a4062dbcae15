from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from expectations.errors import UsageError
from tasks.dead_letters import database, tables
from tasks.dead_letters.store import DeadLetterStore, open_store


def test_the_migrations_make_what_the_code_believes_in(store: DeadLetterStore) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "dead_letter_schema"})
        assert compare_metadata(context, tables.metadata) == []


def test_schema_version_is_the_newest_migration() -> None:
    script = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
    assert script.get_current_head() == database.SCHEMA_VERSION


def test_opening_again_changes_nothing(url: str) -> None:
    with open_store(url), open_store(url) as second:
        assert second.count() == 0


def test_a_table_from_a_newer_version_is_refused(url: str) -> None:
    with open_store(url) as store, database.writing(store.engine) as connection:
        connection.execute(sa.text("UPDATE dead_letter_schema SET version_num = '9999'"))
    with pytest.raises(UsageError, match=r"version 9999.*upgrade Sluice"):
        open_store(url)


@pytest.mark.parametrize("wrong", ["not an address", "mysql://localhost/x", "duckdb:///x.db"])
def test_a_wrong_address_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError):
        open_store(wrong)


def test_sqlite_is_set_up_for_several_processes(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store, store.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_new_sqlite_is_opened_by_several_at_once(tmp_path: Path) -> None:
    start = threading.Barrier(4)

    def open_one(number: int) -> int:
        start.wait(60)
        with open_store(f"sqlite:///{tmp_path / str(number // 4)}.db") as store:
            return store.count()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(open_one, range(200))) == [0] * 200


def test_a_busy_sqlite_is_transient_and_a_broken_one_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "a.db"
    with open_store(f"sqlite:///{path}") as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DBAPIError) as busy, database.writing(store.engine):
            pass
        other.close()
    assert database.is_transient(busy.value)

    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DBAPIError) as broken:
        open_store(f"sqlite:///{path}")
    assert not database.is_transient(broken.value)


def test_a_postgresql_that_is_away_is_transient_and_one_that_refuses_is_not(postgres_server: sa.URL) -> None:
    with pytest.raises(DBAPIError) as away:
        open_store("postgresql+psycopg://postgres@127.0.0.1:1/x")
    assert database.is_transient(away.value)

    missing = postgres_server.set(database="nobody_made_this").render_as_string(hide_password=False)
    with pytest.raises(DBAPIError) as refused:
        open_store(missing)
    assert not database.is_transient(refused.value)


def test_a_postgresql_session_that_is_cut_is_transient(postgres_server: sa.URL) -> None:
    engine = database.connect(postgres_server.render_as_string(hide_password=False))
    with engine.connect() as connection, engine.connect() as other:
        pid = connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one()
        other.execute(sa.select(sa.func.pg_terminate_backend(pid)))
        with pytest.raises(DBAPIError) as cut:
            connection.execute(sa.select(1))
    engine.dispose()
    assert database.is_transient(cut.value)


def test_other_errors_are_not_transient() -> None:
    assert not database.is_transient(ValueError("database is locked"))
