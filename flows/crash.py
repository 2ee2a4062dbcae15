"""Telling of runs that cannot tell of themselves: their process was killed, or their machine is gone.

The server's automation runs `sluice_tell` when a run was marked as crashed or timed out, whoever marked it. Where a run
was started by `--schedule`, the process that serves calls `tell_of_a_crash` as well; who comes second says nothing.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prefect import Flow, flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State

from flows.logs import set_up_logging
from flows.parameters import RunParameters
from tasks.alerts.alert import RunFailure
from tasks.alerts.send import send_alerts
from tasks.settings import Outcome, load_what_is_right


@flow(name="sluice-tell", validate_parameters=True)
def sluice_tell(flow_run_id: UUID) -> None:
    """Alert that a run crashed or ran out of time, by the channels of its own config."""
    set_up_logging()
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(flow_run_id)
    if flow_run.state is not None:
        _tell(flow_run, flow_run.state)


def tell_of_a_crash(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - a Prefect hook
    """Alert that a run crashed: a hook, for the process that started the run and saw it end."""
    _tell(flow_run, state)


def _tell(flow_run: FlowRun, state: State[Any]) -> None:
    parameters = parameters_of(flow_run)
    settings = load_what_is_right(parameters.config_path, parameters.overrides())
    send_alerts(failure_of(flow_run, state, settings.dataset), settings)


def failure_of(flow_run: FlowRun, state: State[Any], dataset: str) -> RunFailure:
    """What is known of a run that ended without a word. Prefect's own message may quote data, so it is not in it."""
    parameters = parameters_of(flow_run)
    outcome = Outcome.TIMED_OUT if state.name == "TimedOut" else Outcome.CRASHED
    return RunFailure(
        run_id=parameters.run_id or str(flow_run.id),
        dataset=dataset,
        stage="flow run " + flow_run.name,
        what="its process or its machine is gone" if outcome == Outcome.CRASHED else "it took longer than it may",
        outcome=outcome,
        has_report=False,
    )


def parameters_of(flow_run: FlowRun) -> RunParameters:
    """What a flow run was asked for."""
    given = (flow_run.parameters or {}).get("parameters") or {}
    return given if isinstance(given, RunParameters) else RunParameters.model_validate(given)
