"""Sluice on one machine, deployed: `deployments/up`.

Starts what is not running and brings up to date what is there, and can be run again at any time: a Prefect server (on
SQLite, or on what PREFECT_SERVER_DATABASE_CONNECTION_URL names), the work pool, the deployments of prefect.yaml, the
automations, and a worker. With PREFECT_API_URL set, that server is used and none is started.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from deployments.environment import POOL, PROJECT_DIR, environment
from deployments.processes import Background
from expectations.errors import UsageError

_SERVER_START_SECONDS = 180  # a cold home migrates its database first
_WORKER_START_SECONDS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring it up, say how it is, or stop it. Exit codes: 0 it is up (or stopped), 1 it is not, 2 a wrong call."""
    options = command_line().parse_args(arguments)
    try:
        return int(options.do(options))
    except UsageError as error:
        print(f"up: {error}", file=sys.stderr)
        return 2
    except (RuntimeError, TimeoutError) as error:
        print(f"up: {error}", file=sys.stderr)
        return 1


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(prog="deployments/up", description=__doc__.partition("\n")[0])
    home = Path(os.environ.get("PREFECT_HOME", Path.home() / ".prefect"))
    parser.add_argument(
        "--home", type=Path, default=home, help="Prefect's folder (default: PREFECT_HOME or ~/.prefect)"
    )
    parser.add_argument("--port", type=int, default=4200, help="of the server (default 4200)")
    parser.add_argument("--no-worker", action="store_true", help="server, pool, deployments and automations only")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--status", dest="do", action="store_const", const=_status, help="say what runs")
    what.add_argument("--stop", dest="do", action="store_const", const=_stop, help="stop worker and server")
    parser.set_defaults(do=_up)
    return parser


def _up(options: argparse.Namespace) -> int:
    api_url = _api_url(options)
    environ = environment(options.home.absolute(), api_url, os.environ)
    server, worker = _processes(options)
    _say("server", _start_server(server, options.port, api_url, environ))
    os.environ.update(environ)  # before Prefect is imported
    from deployments.register import register  # noqa: PLC0415

    for name, what in register(environ):
        _say(name, what)
    if not options.no_worker:
        _say("worker", _start_worker(worker, environ))
    print(f"\nThe UI is at {environ['PREFECT_UI_URL']}. A run by hand:")
    print(
        f"  PREFECT_API_URL={api_url} {Path(sys.executable).parent / 'prefect'} deployment run sluice/by-hand --watch"
    )
    return 0


def _status(options: argparse.Namespace) -> int:
    is_up = _answers(_api_url(options))
    _, worker = _processes(options)
    _say("server", f"{_api_url(options)} {'answers' if is_up else 'does not answer'}")
    _say("worker", "is running" if worker.is_running() else "is not running")
    return 0 if is_up and worker.is_running() else 1


def _stop(options: argparse.Namespace) -> int:
    for process in reversed(_processes(options)):
        _say(process.name, "stopped" if process.stop() else "was not running")
    return 0


def _processes(options: argparse.Namespace) -> tuple[Background, Background]:
    state_dir = options.home.absolute() / "sluice"
    return Background("server", state_dir), Background("worker", state_dir)


def _api_url(options: argparse.Namespace) -> str:
    return os.environ.get("PREFECT_API_URL") or f"http://127.0.0.1:{options.port}/api"


def _start_server(server: Background, port: int, api_url: str, environ: dict[str, str]) -> str:
    if _answers(api_url):
        return f"{api_url} answers already"
    if "PREFECT_API_URL" in os.environ:
        raise UsageError(f"PREFECT_API_URL names {api_url}, which does not answer; start it, or unset the variable")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    server.start(command, environ, PROJECT_DIR)
    _wait(server, lambda: _answers(api_url), _SERVER_START_SECONDS)
    return f"{api_url} started, says {server.log}"


def _start_worker(worker: Background, environ: dict[str, str]) -> str:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    if not worker.start(command, environ, PROJECT_DIR):
        return "is running already"
    _wait(worker, lambda: "started!" in worker.last_words(), _WORKER_START_SECONDS)
    return f"started, says {worker.log}"


def _wait(process: Background, is_ready: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not is_ready():
        if not process.is_running():
            raise RuntimeError(f"the {process.name} ended as it started; its last words:\n{process.last_words()}")
        if time.monotonic() > limit:
            raise TimeoutError(f"the {process.name} was not ready in {seconds:.0f} s; see {process.log}")
        time.sleep(0.3)


def _answers(api_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=5) as answer:  # noqa: S310 - the user's own server
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def _say(name: str, what: str) -> None:
    print(f"{name:<12} {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
