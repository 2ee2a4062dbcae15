"""A Prefect server that lives as long as this process, where none is configured; started before the heavy imports.

Prefect starts one too, but only when its engine first asks for a server, and after it has imported the server into the
process that asks: seconds in which nothing else happens.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
from prefect.context import refresh_global_settings_context
from prefect.settings import get_current_settings

from expectations.errors import UsageError

_POLL_SECONDS = 0.05
_PATIENCE_AT_END_SECONDS = 5
_WITHOUT = "use --no-server, which does the same work without one"


@contextmanager
def coming_up() -> Iterator[None]:
    """Start the server, let the block work meanwhile, and wait for the server after it.

    Does nothing where one is configured. The server ends with this process, after what Prefect still sends it at its
    exit.

    Raises:
        UsageError: none is configured, and Prefect is told not to start one.
        ConnectionError: the server does not come up; said after the block.
    """
    settings = get_current_settings()
    if settings.api.url:
        yield
        return
    if not settings.server.ephemeral.enabled:
        raise UsageError(
            "PREFECT_API_URL names no server, and PREFECT_SERVER_EPHEMERAL_ENABLED forbids a temporary one: set one of "
            f"them, or {_WITHOUT}"
        )
    port = _free_port()
    server = _start(port)
    atexit.register(_stop, server)
    url = f"http://127.0.0.1:{port}/api"
    yield
    _wait_for(server, url, settings.server.ephemeral.startup_timeout_seconds)
    os.environ |= {"PREFECT_API_URL": url, "PREFECT_UI_URL": ""}  # it has no pages
    refresh_global_settings_context()


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _start(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", "--factory", f"{__package__}.server_app:create"]
    options = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "--lifespan", "on"]
    return subprocess.Popen(  # noqa: S603  (our own words)
        [*command, *options],
        env=os.environ | get_current_settings().to_environment_variables(exclude_unset=True),
        stdin=subprocess.PIPE,  # whose end tells the server of ours
        start_new_session=True,  # Ctrl-C is for the run, which still has to tell the server what became of it
    )


def _wait_for(server: subprocess.Popen[bytes], url: str, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    while not _is_healthy(url):
        if server.poll() is not None:
            raise ConnectionError(f"the temporary Prefect server ended with code {server.returncode}; {_WITHOUT}")
        if time.monotonic() > deadline:
            raise ConnectionError(f"the temporary Prefect server is not up in {patience_seconds:.0f} s; {_WITHOUT}")
        time.sleep(_POLL_SECONDS)


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.TransportError:
        return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(_PATIENCE_AT_END_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
