"""`deployments/up` with Prefect on Debian's PostgreSQL: it comes up, runs, and doubles nothing when run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.flows.debian_postgres import is_there, running_postgres
from tests.flows.prefect_server import Server, deployed, wait_for

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not is_there(), reason="needs Debian's package postgresql on this machine"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with TemporaryDirectory(prefix="pg") as folder, running_postgres(Path(folder)) as address:
        home = tmp_path_factory.mktemp("prefect")
        with deployed(home, PREFECT_SERVER_DATABASE_CONNECTION_URL=address) as started:
            yield started


def test_runs_are_made_and_done(server: Server, tmp_path: Path) -> None:
    run = server.trigger("sluice-watch/watch", results_dir=str(tmp_path))

    assert server.end_of(run)["type"] == "COMPLETED", server.tail()
    hourly = server.get("/deployments/name/sluice/hourly")
    asked_for = {"deployment_id": {"any_": [hourly["id"]]}, "state": {"type": {"any_": ["SCHEDULED"]}}}
    assert wait_for(lambda: server.post("/flow_runs/filter", flow_runs=asked_for), "the scheduler's first round")


def test_up_again_doubles_nothing(server: Server) -> None:
    said = server.up()

    assert "made" not in said
    assert "is running already" in said
    for kind in ("automations", "deployments", "work_pools"):
        names = Counter((found["name"], found.get("flow_id")) for found in server.post(f"/{kind}/filter"))
        assert set(names.values()) == {1}, names
