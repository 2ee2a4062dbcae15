"""A PostgreSQL of the system's own packages, on a free port with data of its own.

Prefect's server needs the extension `pg_trgm`, which the one that the tests of the dead letters bring along lacks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.flows.prefect_server import free_port

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_NOBODY_ELSE = "postgres"  # initdb refuses to run as root


def is_there() -> bool:
    """Whether the package `postgresql` is installed."""
    return bool(_BINARIES) and (os.geteuid() != 0 or shutil.which("runuser") is not None)


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """A server until the block is left; gives the address that Prefect takes.

    Args:
        folder: short, and open to the user `postgres` where the tests run as root.
    """
    data, port = folder / "data", free_port()
    _do(folder, "initdb", "--pgdata", str(data), "--username", "prefect", "--auth", "trust", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _do(folder, "pg_ctl", "--pgdata", str(data), "--wait", "--log", str(folder / "log"), "--options", options, "start")
    try:
        yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
    finally:
        _do(folder, "pg_ctl", "--pgdata", str(data), "--mode", "immediate", "--wait", "stop")


def _do(folder: Path, program: str, *arguments: str) -> None:
    command = [str(_BINARIES[-1] / program), *arguments]
    if os.geteuid() == 0:
        shutil.chown(folder, _NOBODY_ELSE)
        command = ["runuser", "-u", _NOBODY_ELSE, "--", *command]
    output = folder / "output"
    with output.open("ab") as said:  # no pipe: the server that pg_ctl starts would hold it open
        done = subprocess.run(command, cwd=folder, stdout=said, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, output.read_text(errors="replace")
