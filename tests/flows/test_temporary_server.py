"""The server of a run for which none is configured, in a process of its own as a user has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_EPHEMERAL_ENABLED, temporary_settings

from expectations.errors import UsageError
from flows.prefect_environment import DEFAULTS
from flows.temporary_server import coming_up
from tests.flows.prefect_server import ROOT, wait_for

_BRING_UP = """
from flows.temporary_server import coming_up
with coming_up():
    pass
from prefect.client.orchestration import get_client
client = get_client(sync_client=True)
client.hello()
print(client.api_url, flush=True)
input()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect-home")


def bring_up(home: Path, **settings: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.Popen(
        [sys.executable, "-c", _BRING_UP],
        cwd=ROOT,
        env=inherited | DEFAULTS | {"PREFECT_HOME": str(home)} | settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}health").is_success
    except httpx.TransportError:
        return False


@pytest.mark.server
@pytest.mark.parametrize("is_killed", [False, True], ids=["ends", "is killed"])
def test_the_server_goes_with_the_run(home: Path, *, is_killed: bool) -> None:
    with bring_up(home) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        assert is_up(url)
        if is_killed:
            run.kill()
        else:
            run.communicate("\n")
            assert run.returncode == 0
    wait_for(lambda: not is_up(url), "the end of the server", 30)


@pytest.mark.server
def test_a_server_that_does_not_come_up_is_said(home: Path) -> None:
    with bring_up(home, PREFECT_API_DATABASE_CONNECTION_URL="sqlite+aiosqlite:////no such folder/x.db") as run:
        _, errors = run.communicate()
    assert run.returncode == 1
    assert "ConnectionError: the temporary Prefect server ended with code 3; use --no-server" in errors


def test_a_forbidden_server_is_said() -> None:
    settings = {PREFECT_API_URL: None, PREFECT_SERVER_EPHEMERAL_ENABLED: False}
    with temporary_settings(settings), pytest.raises(UsageError, match="use --no-server"), coming_up():
        pass


def test_a_configured_server_is_used() -> None:
    before = os.environ.get("PREFECT_UI_URL")
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}), coming_up():
        pass
    assert os.environ.get("PREFECT_UI_URL") == before
