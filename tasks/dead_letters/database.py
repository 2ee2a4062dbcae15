"""A connection to the database that holds the dead letters, its schema brought up to date."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from expectations.errors import UsageError

SCHEMA_VERSION = "0002"  # the newest in migrations/versions
_VERSION_TABLE = "dead_letter_schema"
_BUSY_TIMEOUT_SECONDS = 30
_LOCK_POLL_SECONDS = 0.01
_PAGE_CACHE_KIB = 64 * 1024  # ids arrive in random order: the index's pages should not be read again and again
_LOCK_KEY = 0x51C1CE  # any number, the same for every Sluice that shares a database

# PostgreSQL's classes of errors that pass: connection, resources, operator intervention, and lost races.
_PASSING_STATES = ("08", "53", "57P", "40001", "40P01", "55P03")
_PASSING_SQLITE = ("database is locked", "database table is locked", "database is busy")


def connect(url: str) -> sa.Engine:
    """Make an engine for `url`; nothing is opened yet.

    Raises:
        UsageError: the address is not one, or its driver is not installed.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise UsageError(f"dead letters are kept in SQLite or PostgreSQL, not {parsed.get_backend_name()}")
        return _sqlite_engine(parsed) if parsed.get_backend_name() == "sqlite" else _postgres_engine(parsed)
    except ArgumentError:
        raise UsageError("the dead-letter database's address is not one SQLAlchemy reads (dialect://...)") from None
    except ModuleNotFoundError as error:
        raise UsageError(f"the dead-letter database needs the package {error.name!r}; install it") from None


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    if url.database and url.database != ":memory:":
        folder = Path(url.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder}: cannot be made for the dead-letter table: {error.strerror}") from None
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_SECONDS})
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # Python's own would begin late and commit before DDL
    _write_ahead(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON", f"cache_size=-{_PAGE_CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    # Where two processes open a new file at once, SQLite does not wait for the lock that this switch needs, whatever
    # its time-out: it says "database is locked" at once. So the waiting is done here.
    deadline = time.monotonic() + _BUSY_TIMEOUT_SECONDS
    while not _switches_to_wal(connection, is_last_try=time.monotonic() > deadline):
        time.sleep(_LOCK_POLL_SECONDS)


def _switches_to_wal(connection: sqlite3.Connection, *, is_last_try: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) or is_last_try:
            raise
        return False
    return True


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes its lock at once: one that began by reading could not wait for another writer, only fail.
    is_write = connection.get_execution_options().get("sluice_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _postgres_engine(url: sa.URL) -> sa.Engine:
    connect_args = {"connect_timeout": 10} if "connect_timeout" not in url.query else {}
    return sa.create_engine(url, pool_pre_ping=True, connect_args=connect_args)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that only reads: what it sees does not change while it lasts."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that writes, alone: writers come one after the other, in every process."""
    with engine.connect().execution_options(sluice_write=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
        yield connection


def is_transient(error: BaseException) -> bool:
    """Whether waiting may help: the database is away, busy or restarting, not set up wrongly."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    text = str(error.orig).lower()
    if "sqlite3" in type(error.orig).__module__:
        return any(passing in text for passing in _PASSING_SQLITE)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_PASSING_STATES)
    return "authentication failed" not in text and "does not exist" not in text


def migrate(engine: sa.Engine) -> None:
    """Bring the schema to SCHEMA_VERSION; does nothing where it is there already.

    Raises:
        UsageError: the table was made by a newer Sluice.
    """
    with reading(engine) as connection:
        version = _version(connection)
    if version == SCHEMA_VERSION:
        return
    _refuse_newer(version)
    with writing(engine) as connection:
        version = _version(connection)  # again: another process may have been faster
        _refuse_newer(version)
        if version != SCHEMA_VERSION:
            _upgrade(connection)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION_TABLE):
        return None
    version = connection.execute(sa.text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return None if version is None else str(version)


def _refuse_newer(version: str | None) -> None:
    if version is not None and version > SCHEMA_VERSION:
        raise UsageError(
            f"the dead-letter table is of version {version}, this Sluice knows versions up to {SCHEMA_VERSION}: "
            "upgrade Sluice, or name another database"
        )


def _upgrade(connection: sa.Connection) -> None:
    # Imported only when the schema has to move: most runs find it as it should be.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection, "version_table": _VERSION_TABLE})
    config.set_main_option("script_location", (Path(__file__).parent / "migrations").as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
