"""Prefect automations as code: made or brought up to date by name, never doubled.

The server acts on these by itself, also when the process that would have said something is gone. What a run can say of
itself (failed, stopped, warned) it says itself (`tasks/alerts`); here is the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import AutomationCore, EventTrigger, Posture
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, CallWebhook, ChangeFlowRunState, RunDeployment
from prefect.events.schemas.events import ResourceSpecification

from deployments.environment import HEARTBEAT_SECONDS, POOL
from flows.prefect_events import DRIFTED, GATE_STOPPED, GATE_WARNED, REJECTED_OVER

FLOW_NAME = "sluice"
_START_WITHIN = timedelta(minutes=10)  # pulling an image takes some of it
_TOLD_AGAIN_AFTER = timedelta(hours=24)
_ENDS = (
    "Completed",
    "Failed",
    "Cancelled",
    "Cancelling",
    "Crashed",
    "TimedOut",
    "Suspended",
    "Paused",
    "AwaitingRetry",
    "AwaitingConcurrencySlot",
    "Skipped",
)
_OF_OUR_FLOWS = ResourceSpecification({"prefect.resource.role": "flow", "prefect.resource.name": f"{FLOW_NAME}*"})


def definitions(tell_deployment: UUID | None, webhook_block: UUID | None) -> list[AutomationCore]:
    """The automations of this project.

    Args:
        tell_deployment: the deployment that sends our own alerts about a crashed run.
        webhook_block: a webhook the server itself calls; it works also while no worker does.
    """
    told: list[ActionTypes] = []
    if tell_deployment is not None:
        parameters: dict[str, Any] = {"flow_run_id": {"template": "{{ flow_run.id }}", "__prefect_kind": "jinja"}}
        told.append(
            RunDeployment(source="selected", deployment_id=tell_deployment, parameters=parameters, job_variables=None)
        )
    if webhook_block is not None:
        told.append(CallWebhook(block_document_id=webhook_block, payload=_payload("is {{ flow_run.state.name }}")))
    found = [_silent_runs(), _lost_runs()]
    if told:
        found.append(_crashed_runs(told))
    if webhook_block is not None:
        found.append(_late_runs([CallWebhook(block_document_id=webhook_block, payload=_payload("is late"))]))
        found.append(_nobody_works([CallWebhook(block_document_id=webhook_block, payload=_pool_payload())]))
        found.append(_crossed_limits([CallWebhook(block_document_id=webhook_block, payload=_limit_payload())]))
    return found


def upsert(client: SyncPrefectClient, wanted: Sequence[AutomationCore]) -> dict[str, str]:
    """Make what is not there, update what is and differs, take away what was there twice; what was done, by name.

    One that does not differ is left alone: an update makes the server forget what it waits for, and with it the runs
    whose heartbeats have just stopped.
    """
    done: dict[str, str] = {}
    for automation in wanted:
        there = client.read_automations_by_name(automation.name)
        if not there:
            client.create_automation(automation)
            done[automation.name] = "made"
            continue
        if _bare(there[0]) != _bare(automation):
            client.update_automation(there[0].id, automation)
        for double in there[1:]:
            client.delete_automation(double.id)
        done[automation.name] = "up to date"
    return done


def _bare(automation: AutomationCore) -> Any:
    """What an automation says, without the ids that the server gave it."""
    return _without_ids(automation.model_dump(include=set(AutomationCore.model_fields)))


def _without_ids(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_ids(value) for key, value in node.items() if key != "id"}
    return [_without_ids(one) for one in node] if isinstance(node, list) else node


def _silent_runs() -> AutomationCore:
    """A run whose heartbeats stop is crashed: its machine is gone, nobody else would say so."""
    return AutomationCore(
        name="sluice: a run without heartbeats is crashed",
        description="The process of a run sends a heartbeat every "
        f"{HEARTBEAT_SECONDS} s. When three are missing, the run is over.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{end}" for end in _ENDS)},
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            match_related=_OF_OUR_FLOWS,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=3 * HEARTBEAT_SECONDS),
        ),
        actions=[
            ChangeFlowRunState(
                name=None, state=StateType.CRASHED, message="No heartbeat: the process is gone.", force=False
            )
        ],
    )


def _lost_runs() -> AutomationCore:
    """A run that a worker took and never started: the worker died in between, and no other takes the run."""
    minutes = int(_START_WITHIN.total_seconds() / 60)
    return AutomationCore(
        name="sluice: a run that never starts is crashed",
        description=f"A worker took the run, and {minutes} minutes later it has still not begun.",
        trigger=EventTrigger(
            after={"prefect.flow-run.Pending"},
            expect={"prefect.flow-run.Running", *(f"prefect.flow-run.{state}" for state in _ENDS)},
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            match_related=_OF_OUR_FLOWS,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=_START_WITHIN,
        ),
        actions=[
            ChangeFlowRunState(
                name=None, state=StateType.CRASHED, message=f"Not begun within {minutes} minutes.", force=False
            )
        ],
    )


def _crashed_runs(actions: list[ActionTypes]) -> AutomationCore:
    return AutomationCore(
        name="sluice: tell of crashed runs",
        description="A crashed run cannot tell of itself.",
        trigger=_on("Crashed", "TimedOut"),
        actions=actions,
    )


def _late_runs(actions: list[ActionTypes]) -> AutomationCore:
    return AutomationCore(
        name="sluice: tell of late runs",
        description="A run is due and no worker takes it.",
        trigger=_on("Late"),
        actions=actions,
    )


def _crossed_limits(actions: list[ActionTypes]) -> AutomationCore:
    return AutomationCore(
        name="sluice: tell of crossed limits",
        description="The gate stopped or warned, too many records were rejected, or a dataset drifted. Told once a "
        f"dataset and limit in {_TOLD_AGAIN_AFTER.total_seconds() / 3600:.0f} h.",
        trigger=EventTrigger(
            expect={GATE_STOPPED, GATE_WARNED, REJECTED_OVER, DRIFTED},
            match=ResourceSpecification({"prefect.resource.id": "sluice.dataset.*"}),
            for_each={"prefect.resource.id", "sluice.limit"},
            posture=Posture.Reactive,
            threshold=1,
            within=_TOLD_AGAIN_AFTER,
        ),
        actions=actions,
    )


def _nobody_works(actions: list[ActionTypes]) -> AutomationCore:
    return AutomationCore(
        name="sluice: tell of a pool without workers",
        description="The last worker of the pool has stopped or is out of reach.",
        trigger=EventTrigger(
            expect={"prefect.work-pool.not-ready"},
            match=ResourceSpecification({"prefect.resource.name": POOL}),
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=actions,
    )


def _on(*states: str) -> EventTrigger:
    return EventTrigger(
        expect={f"prefect.flow-run.{state}" for state in states},
        match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
        match_related=_OF_OUR_FLOWS,
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
    )


def _payload(what: str) -> str:
    """What is posted about a run: `text` is what Slack and its like show."""
    return (
        '{"text": "Sluice: the run {{ flow_run.name }} of {{ deployment.name }} ' + what + '. {{ flow_run|ui_url }}", '
        '"flow_run_id": "{{ flow_run.id }}", "state": "{{ flow_run.state.name }}"}'
    )


def _limit_payload() -> str:
    return (
        '{"text": "Sluice: {{ event.event }} of {{ event.resource.name }}: {{ event.payload.dead }} of '
        '{{ event.payload.read }} records rejected in run {{ event.payload.run_id }}.", '
        '"event": "{{ event.event }}", "run_id": "{{ event.payload.run_id }}"}'
    )


def _pool_payload() -> str:
    return '{"text": "Sluice: no worker of the pool {{ work_pool.name }} is there. {{ work_pool|ui_url }}"}'
