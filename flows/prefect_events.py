"""Events of limits that a run went over, for the server's automations (`deployments/automations.py`)."""

from __future__ import annotations

from collections.abc import Iterator

from prefect.events import emit_event

from tasks.models import RunSummary
from tasks.settings import AlertSettings

GATE_STOPPED = "sluice.gate.stopped"
GATE_WARNED = "sluice.gate.warned"
REJECTED_OVER = "sluice.rejected-share.exceeded"
DRIFTED = "sluice.drift.exceeded"


def emit_what_was_crossed(summary: RunSummary, limits: AlertSettings) -> None:
    """One event for each limit, of the dataset as its resource; counts only."""
    rows = summary.rows
    for event in crossed(summary, limits):
        emit_event(
            event,
            resource={
                "prefect.resource.id": f"sluice.dataset.{summary.dataset}",
                "prefect.resource.name": summary.dataset,
                "sluice.limit": event,
            },
            payload={"run_id": summary.run_id, "read": rows.read, "dead": rows.dead, "drifted": len(summary.drifted)},
        )


def crossed(summary: RunSummary, limits: AlertSettings) -> Iterator[str]:
    """The events a run is worth."""
    if summary.status == "stopped":
        yield GATE_STOPPED
    if summary.status == "warned":
        yield GATE_WARNED
    over = limits.rejected_share_over
    if over is not None and summary.rows.dead > over * summary.rows.read:
        yield REJECTED_OVER
    if summary.drifted:
        yield DRIFTED
