"""Telling of runs that cannot tell of themselves: their process was killed, or their machine is gone.

`tell_of_a_crash` is a hook: the worker calls it when the process of a run dies. `sluice_tell` is a flow: the server's
automation runs it when a run was marked as crashed in any other way. Whichever comes second finds that it was told.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State

from expectations.errors import UsageError
from flows.logs import set_up_logging
from flows.parameters import RunParameters
from tasks.alerts.alert import RunFailure
from tasks.alerts.send import send_alerts
from tasks.settings import Outcome, Settings, load_settings


def tell_of_a_crash(_flow: Any, flow_run: FlowRun, state: State[Any]) -> None:
    """Prefect's `on_crashed` hook: alert by the channels of the run's own config."""
    _tell(flow_run, state)


@flow(name="sluice-tell", validate_parameters=True)
def sluice_tell(flow_run_id: UUID) -> None:
    """Alert that a run crashed or ran out of time, by the channels of its own config."""
    set_up_logging()
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(flow_run_id)
    if flow_run.state is not None:
        _tell(flow_run, flow_run.state)


def failure_of(flow_run: FlowRun, state: State[Any], dataset: str) -> RunFailure:
    """What is known of a run that ended without a word. Prefect's own message may quote data, so it is not in it."""
    parameters = _parameters(flow_run)
    outcome = Outcome.TIMED_OUT if state.name == "TimedOut" else Outcome.CRASHED
    return RunFailure(
        run_id=parameters.run_id or str(flow_run.id),
        dataset=dataset,
        stage="flow run " + flow_run.name,
        what="its process or its machine is gone" if outcome == Outcome.CRASHED else "it took longer than it may",
        outcome=outcome,
    )


def _tell(flow_run: FlowRun, state: State[Any]) -> None:
    settings = _settings(flow_run)
    send_alerts(failure_of(flow_run, state, settings.dataset), settings)


def _settings(flow_run: FlowRun) -> Settings:
    """The settings the run had; the shipped config's where its own cannot be read."""
    parameters = _parameters(flow_run)
    try:
        return load_settings(parameters.config_path, parameters.overrides())
    except UsageError:
        return load_settings()


def _parameters(flow_run: FlowRun) -> RunParameters:
    given = (flow_run.parameters or {}).get("parameters") or {}
    return given if isinstance(given, RunParameters) else RunParameters.model_validate(given)
