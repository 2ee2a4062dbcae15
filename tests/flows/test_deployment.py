"""`prefect.yaml` on a real server with a real worker: what a team that deploys Sluice sees."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.one_at_a_time import one_at_a_time
from flows.parameters import RunParameters
from tests.browser.chromium import CHROMIUM, open_page
from tests.flows.prefect_server import ROOT, Server, deployed, newest_child, running, wait_for
from tests.unit.alerts.smtp_sink import Sink, receiving
from tests.unit.alerts.web_hook import Hook, listening

pytestmark = pytest.mark.server
STAGES = ("ingest", "validate", "analyze", "report")
SAMPLE = ROOT / "data" / "raw" / "events_2026-06.csv"


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    with listening() as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, hook: Hook) -> Iterator[Server]:
    with deployed(tmp_path_factory.mktemp("prefect"), SLUICE_WEBHOOK_URL=f"http://{hook.address}/") as started:
        yield started


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with receiving() as kept:
        yield kept


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The parameters of the runs: one file of the sample, results of their own."""
    folder = tmp_path_factory.mktemp("deployed")
    (folder / "in").mkdir()
    shutil.copy(SAMPLE, folder / "in")
    return {"input": [str(folder / "in")], "results_dir": str(folder / "out")}


@pytest.fixture(scope="module")
def first_run(server: Server, asked: dict[str, Any]) -> str:
    run = server.trigger("by-hand", **asked)
    state = server.end_of(run)
    assert state["type"] == "COMPLETED", state["message"] + server.tail()
    return run


def test_a_run_asked_for_through_the_api_completes(server: Server, first_run: str, asked: dict[str, Any]) -> None:
    assert server.task_states(first_run) == {
        name: {"Completed"} for name in ("ingest", "validate", "analyze", "report")
    }
    assert len(list(Path(asked["results_dir"]).glob("*/report.html"))) == 1


def test_its_artifacts_are_there(server: Server, first_run: str) -> None:
    made = server.post("/artifacts/filter", artifacts={"flow_run_id": {"any_": [first_run]}})

    kinds = {artifact["key"].rsplit("-", 1)[-1]: artifact["type"] for artifact in made if artifact["key"]}
    assert kinds.items() >= {"rows": "table", "gate": "markdown", "report": "markdown"}.items()


def test_its_logs_are_there_with_their_facts(server: Server, first_run: str) -> None:
    lines = server.post("/logs/filter", logs={"flow_run_id": {"any_": [first_run]}}, limit=200)

    ours = [line["message"] for line in lines if line["name"].startswith(("flows", "tasks"))]
    assert any("ms=" in message for message in ours), [line["message"] for line in lines]


def test_two_runs_at_once_take_turns_and_go_on_without_their_worker(
    server: Server, first_run: str, asked: dict[str, Any]
) -> None:
    runs = [server.trigger("by-hand", **asked), server.trigger("hourly", **asked, if_busy="wait")]
    wait_for(lambda: all(map(server.process_of, runs)), "the processes of both runs")
    server.kill_worker()
    said = server.up()  # starts the worker again, finds all else in place and doubles nothing

    assert "answers already" in said
    assert "made" not in said
    assert "worker       started" in said
    names = [automation["name"] for automation in server.post("/automations/filter")]
    assert sorted(names) == sorted(set(names))
    assert "sluice: a run without heartbeats is crashed" in names
    assert [server.end_of(run)["type"] for run in runs] == ["COMPLETED", "COMPLETED"]
    for run in runs:
        assert server.task_states(run) == {stage: {"Cached"} for stage in STAGES}
    spans = sorted(server.span_of_tasks(run) for run in runs)
    assert spans[0][1] <= spans[1][0]


def test_dead_letters_are_looked_at_replayed_and_a_suite_is_tried_from_the_form(
    server: Server, first_run: str, asked: dict[str, Any]
) -> None:
    place = {"results_dir": asked["results_dir"]}
    spelling = "map_values:column=event_type,viewed=view,clik=click,Purchase=purchase"
    runs = [
        server.trigger("sluice-replay/replay", **place, reason="unknown_event_type", repair=[spelling]),
        server.trigger("sluice-backtest/backtest", **place, max_rejected=0),
        server.trigger("sluice-dead-letters/dead-letters", **place),
    ]

    assert [server.end_of(run)["type"] for run in runs] == ["COMPLETED"] * 3, server.tail()
    made = server.post("/artifacts/filter", artifacts={"flow_run_id": {"any_": runs}})
    shown = {artifact["key"].removeprefix("sluice-events-"): str(artifact["data"]) for artifact in made}
    assert "of 4 dead letters released" in shown["replay"]
    assert "accepted rows would be rejected" in shown["backtest"]
    assert "too_few_fields" in shown["reasons"]
    assert "under 1 day" in shown["ages"]
    (restated,) = Path(asked["results_dir"]).glob("*-v2/report.html")
    assert str(restated) in shown["replay"]


def test_a_scheduled_run_is_skipped_while_a_command_line_is_at_it(server: Server, asked: dict[str, Any]) -> None:
    with one_at_a_time(Path(asked["results_dir"]), "events", "by-somebody"):
        state = server.end_of(server.trigger("hourly", **asked, if_busy="skip"))

    assert (state["type"], state["name"]) == ("CANCELLED", "Skipped")
    assert state["message"] == "by-somebody of events is still going"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> dict[str, Any]:
    """The parameters of runs that tell of themselves by email, and whose only file is of another dataset."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "other.csv").write_text("planet,moons\nMars,2\n")
    email = {"host": "127.0.0.1", "port": sink.port, "tls": "none", "sender": "s@example.org"}
    email["recipients"] = ["team@example.org"]
    config = {"input": ["other.csv"], "results_dir": "out", "alerts": {"email": email}}
    (folder / "pipeline.yaml").write_text(json.dumps(config))  # JSON is YAML
    return {"config": str(folder / "pipeline.yaml")}


def subjects(sink: Sink) -> list[str]:
    return [str(message["Subject"]) for message in sink.messages]


def test_a_batch_that_the_gate_stops_is_failed_and_told_by_email_and_by_the_server(
    server: Server, told: dict[str, Any], sink: Sink, hook: Hook
) -> None:
    state = server.end_of(server.trigger("by-hand", **told))

    assert state["type"] == "FAILED", state
    assert "the gate stopped the batch" in state["message"]
    assert [subject.split(":")[0] for subject in subjects(sink)] == ["Sluice stopped"]
    post = wait_for(lambda: [body for body in hook.posted if body.get("event") == "sluice.gate.stopped"], "the post")
    assert post[0]["text"].startswith("Sluice: sluice.gate.stopped of events: ")


def test_a_run_that_is_killed_is_crashed_and_told_by_email_and_by_the_server(
    server: Server, told: dict[str, Any], sink: Sink, hook: Hook
) -> None:
    run = server.trigger("by-hand", **told)
    os.kill(wait_for(lambda: server.process_of(run), "the process of the run"), signal.SIGKILL)

    assert server.end_of(run)["type"] == "CRASHED"
    wait_for(lambda: any("crashed" in subject for subject in subjects(sink)), "the email about the crash")
    wait_for(lambda: any(body.get("flow_run_id") == run for body in hook.posted), "the server's post about the crash")


def test_a_served_run_that_is_killed_is_told_by_what_serves_it(
    server: Server, told: dict[str, Any], sink: Sink, tmp_path: Path
) -> None:
    before = len(subjects(sink))
    serve = ("--config", told["config"], "--results-dir", str(tmp_path), "--schedule", "every 1 day")
    with (
        server.without_automation("sluice: tell of crashed runs"),
        running(server, "flows.main", *serve) as serving,
    ):
        wait_for(lambda: server.deployment("sluice/events-scheduled"), "the deployment of the schedule")
        run = server.trigger("events-scheduled", **told | {"results_dir": str(tmp_path)})
        wait_for(lambda: server.flow_run(run)["state"]["name"] == "Running", "the start of the run")
        os.kill(newest_child(serving), signal.SIGKILL)

        assert server.end_of(run)["type"] == "CRASHED"
        wait_for(lambda: any("crashed" in one for one in subjects(sink)[before:]), "the email about the crash")


def test_the_cron_schedule_is_there_and_runs_are_due(server: Server) -> None:
    deployment = server.get("/deployments/name/sluice/hourly")

    (schedule,) = deployment["schedules"]
    assert schedule["active"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 * * * *", "UTC")
    asked_for = {"deployment_id": {"any_": [deployment["id"]]}, "state": {"type": {"any_": ["SCHEDULED"]}}}
    due = wait_for(lambda: server.post("/flow_runs/filter", flow_runs=asked_for), "the scheduler's first round")
    assert all(run["expected_start_time"][14:19] == "00:00" for run in due)


def test_no_two_runs_of_a_deployment_overlap(server: Server) -> None:
    policies = {
        name: server.get(f"/deployments/name/sluice/{name}")["concurrency_options"]["collision_strategy"]
        for name in ("hourly", "by-hand")
    }

    assert policies == {"hourly": "CANCEL_NEW", "by-hand": "ENQUEUE"}
    for name in policies:
        assert server.get(f"/deployments/name/sluice/{name}")["global_concurrency_limit"]["limit"] == 1


def test_the_form_knows_every_parameter_and_refuses_what_is_none(server: Server) -> None:
    deployment = server.get("/deployments/name/sluice/by-hand")
    form = deployment["parameter_openapi_schema"]["definitions"]["RunParameters"]

    assert set(form["properties"]) == set(RunParameters.model_fields)
    assert all(field["description"] and field["title"] for field in form["properties"].values())
    refused = server.api.post(
        f"/deployments/{deployment['id']}/create_flow_run", json={"parameters": {"parameters": {"engine": "abacus"}}}
    )
    assert refused.status_code in (409, 422)
    assert "abacus" in refused.text


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on this machine")
def test_a_person_sees_it_in_the_browser(server: Server, first_run: str) -> None:
    by_hand = server.get("/deployments/name/sluice/by-hand")["id"]
    form = RunParameters.model_json_schema()["properties"].values()

    with open_page() as page:
        page.visit(f"{server.url}/deployments")
        page.wait_for_words(["hourly", "by-hand", "backfill", "replay", "backtest", "watch"])

        page.visit(f"{server.url}/deployments/deployment/{by_hand}/run")
        page.wait_for_words([words for field in form for words in (field["title"], field["description"])])
        page.wait_for_words(["wait\nskip"])  # the choices of an enum

        page.visit(f"{server.url}/runs/flow-run/{first_run}")
        page.wait_for_words(["by-hand", "Completed"])
        page.click("Artifacts")
        page.wait_for_words([f"sluice-events-{name}" for name in ("rows", "dead-letters", "gate", "report")])

        page.visit(f"{server.url}/artifacts/key/sluice-events-gate")
        page.wait_for_words(["sluice-events-gate", "What the gate found"])
