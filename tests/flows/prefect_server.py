"""A real Prefect server and process worker on this machine, each a process of its own, for the tests that need them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from flows.prefect_environment import DEFAULTS

ROOT = Path(__file__).resolve().parents[2]
Found = TypeVar("Found")
_OURS_OFF = ("PREFECT_API_BLOCKS_REGISTER_ON_START",)  # the automations need the webhook blocks


def free_port() -> int:
    """A port of this machine where nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = 300) -> Found:
    """What `look` finds, as soon as it finds something."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise TimeoutError(f"{what}: not within {seconds:.0f} s")


class Server:
    """What the tests ask of a server: its API, the command line against it, and workers."""

    def __init__(self, home: Path, port: int, environ: dict[str, str] | None = None) -> None:
        self.home = home
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        ours = {name: value for name, value in DEFAULTS.items() if name not in _OURS_OFF}
        self.environ = (
            inherited
            | ours
            | {
                "PREFECT_HOME": str(home),
                "PREFECT_API_URL": f"{self.url}/api",
                "PREFECT_UI_URL": self.url,
                "PREFECT_SERVER_UI_API_URL": f"{self.url}/api",
                "PREFECT_WORKER_QUERY_SECONDS": "1",
                "PREFECT_CLI_PROMPT": "false",
                "PYTHONPATH": str(ROOT),
            }
            | (environ or {})
        )
        self.api = httpx.Client(base_url=f"{self.url}/api", timeout=30)

    def up(self, *options: str) -> str:
        """Run `deployments/up`; its output."""
        command = [sys.executable, "-m", "deployments.up", "--home", str(self.home), "--port", str(self.port)]
        mine = {name: value for name, value in self.environ.items() if name != "PREFECT_API_URL"}
        done = subprocess.run([*command, *options], env=mine, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_process(self, *arguments: str, log: str, module: str = "prefect") -> subprocess.Popen[bytes]:
        """A Prefect command that goes on, in a process group of its own; its output in a file of the home."""
        with (self.home / log).open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=self.environ,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def deployment(self, name: str) -> dict[str, Any] | None:
        """What the server knows of a deployment, `FLOW/NAME`."""
        answer = self.api.get(f"/deployments/name/{name}")
        found: dict[str, Any] = answer.json()
        return found if answer.status_code == 200 else None

    def command(self, *arguments: str) -> str:
        """A Prefect command that ends; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def post(self, path: str, **body: Any) -> Any:
        """Ask the API."""
        return self._ask("POST", path, body)

    def get(self, path: str) -> Any:
        """Ask the API."""
        return self._ask("GET", path, None)

    @contextmanager
    def without_automation(self, name: str) -> Iterator[None]:
        """An automation switched off until the block is left."""
        (found,) = (one["id"] for one in self.post("/automations/filter") if one["name"] == name)
        self._ask("PATCH", f"/automations/{found}", {"enabled": False})
        yield
        self._ask("PATCH", f"/automations/{found}", {"enabled": True})

    def _ask(self, method: str, path: str, body: Any) -> Any:
        for _ in range(20):
            answer = self.api.request(method, path, json=body)
            if answer.status_code != 503:  # its SQLite is busy; Prefect's own client asks again too
                break
            time.sleep(0.5)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def trigger(self, deployment: str, **parameters: Any) -> str:
        """Ask for a run of a deployment (`FLOW/NAME`, or the name of one of the main flow); the id of the flow run."""
        found = self.get(f"/deployments/name/{deployment if '/' in deployment else f'sluice/{deployment}'}")
        body = {"parameters": {"parameters": parameters}, "state": {"type": "SCHEDULED"}}
        run: str = self.post(f"/deployments/{found['id']}/create_flow_run", **body)["id"]
        return run

    def flow_run(self, flow_run: str) -> dict[str, Any]:
        """What the server knows of a flow run."""
        found: dict[str, Any] = self.get(f"/flow_runs/{flow_run}")
        return found

    def end_of(self, flow_run: str, seconds: float = 300) -> dict[str, Any]:
        """The state that a flow run ended in."""

        def ended() -> dict[str, Any] | None:
            state: dict[str, Any] | None = self.flow_run(flow_run)["state"]
            return state if state and state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None

        return wait_for(ended, f"the end of flow run {flow_run}\n{self.tail()}", seconds)

    def task_states(self, flow_run: str) -> dict[str, set[str]]:
        """Names of the final states of a run's tasks, by task."""
        ended: dict[str, set[str]] = {}
        for run in self.post("/task_runs/filter", flow_runs={"id": {"any_": [flow_run]}}):
            ended.setdefault(run["name"].split(" ")[0].split("-")[0], set()).add(run["state"]["name"])
        return ended

    def span_of_tasks(self, flow_run: str) -> tuple[str, str]:
        """When a run's first task began and its last one ended."""
        runs = self.post("/task_runs/filter", flow_runs={"id": {"any_": [flow_run]}})
        return min(run["start_time"] for run in runs), max(run["end_time"] for run in runs)

    def kill_worker(self) -> None:
        """Kill the worker of `deployments/up`, and not what it started."""
        os.kill(int((self.home / "sluice" / "worker.pid").read_text()), signal.SIGKILL)

    def process_of(self, flow_run: str) -> int | None:
        """The process that a worker started for a flow run, while there is one."""
        mark = f"PREFECT__FLOW_RUN_ID={flow_run}".encode()
        for environ in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in environ.read_bytes().split(b"\0"):
                    return int(environ.parent.name)
            except OSError:  # it ended just now, or is somebody else's
                continue
        return None

    def tail(self) -> str:
        """The ends of what the processes said, for a test that fails."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in self.home.rglob("*.log")
        )


@contextmanager
def running_server(home: Path, **environ: str) -> Iterator[Server]:
    """A server on a free port with a database of its own, until the block is left."""
    home.mkdir(parents=True, exist_ok=True)
    server = Server(home, free_port(), environ)
    process = server.start_process("server", "start", "--port", str(server.port), log="server.log")
    try:
        wait_for(lambda: _is_up(server, process), f"the server's start\n{server.tail()}", 180)
        yield server
    finally:
        server.api.close()
        stop(process)


@contextmanager
def deployed(home: Path, **environ: str) -> Iterator[Server]:
    """All that `deployments/up` brings up, on a free port, until the block is left."""
    home.mkdir(parents=True, exist_ok=True)
    server = Server(home, free_port(), environ)
    try:
        server.up()
        yield server
    finally:
        server.api.close()
        server.up("--stop")


@contextmanager
def running(server: Server, module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command against the server that goes on, until the block is left; what it started goes with it."""
    process = server.start_process(*arguments, log=f"{module}.log", module=module)
    try:
        yield process
    finally:
        stop(process)


def newest_child(process: subprocess.Popen[bytes]) -> int:
    """What a process started last, of that which still runs."""
    children = (file.read_text().split() for file in Path(f"/proc/{process.pid}/task").glob("*/children"))
    return max(int(child) for found in children for child in found)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started: asked first, made to after a few seconds."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sent)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            continue
    process.wait(timeout=5)


def _is_up(server: Server, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, server.tail()
    try:
        return server.api.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def json_lines(text: str) -> list[dict[str, Any]]:
    """The lines of a text that are JSON objects."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
