"""Backfill as a flow: a run a batch, each seen in the Prefect UI as a run of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Failed
from pydantic import Field

from expectations.errors import UsageError
from flows.backfill import Ended, backfill, plan_of
from flows.finish import read_summary
from flows.flow import sluice
from flows.misconfigured import misconfigured
from flows.parameters import RunParameters
from flows.run import Run, log_as, open_run
from tasks.ledger import Unit


class BackfillParameters(RunParameters):
    """Batches of the past, by the dates in the files' names. With no dates: whatever is new or has changed."""

    since: str | None = Field(default=None, title="Since", description="First day or month: 2026-05-17 or 2026-05.")
    until: str | None = Field(default=None, title="Until", description="Last day or month, itself included.")
    by: Unit = Field(default=Unit.DAY, title="Batch", description="What one run holds: a day, a month or a file.")
    judge_arrival: bool = Field(
        default=False,
        title="Judge age and volume",
        description="By the contract's baseline (freshness_hours, volume_share), as if the batches came in today.",
    )
    again: bool = Field(default=False, title="Again", description="Also batches that went through before.")


@flow(name="sluice-backfill", validate_parameters=True)
def sluice_backfill(parameters: BackfillParameters | None = None) -> State[Any] | dict[str, str]:
    """Run every batch that is due, the oldest first."""
    asked = parameters or BackfillParameters()
    try:
        run = open_run(asked.config_path, asked.overrides(), is_arrival=asked.judge_arrival)
        log_as(run)
        plan = plan_of(run, asked.by, asked.since, asked.until)
        ended = backfill(run, plan, asked.by, lambda one: _run_as_flow(one, asked), again=asked.again)
    except (UsageError, ConnectionError) as error:  # of a server that holds inputs
        return misconfigured(error, asked)
    bad = [one for one in ended if one.outcome not in ("passed", "warned")]
    if bad:
        return Failed(message=f"of {len(ended):,} batches these did not go through: {_named(bad)}")
    return {one.batch.key: one.outcome for one in ended}


def _run_as_flow(run: Run, asked: BackfillParameters) -> str:
    """Run a batch as a flow run of its own; how it ended."""
    given = {name: getattr(asked, name) for name in RunParameters.model_fields}
    sluice(RunParameters(**given | {"input": list(run.uris), "run_id": run.run_id}), return_state=True)
    summary = Path(run.folder) / "summary.json"
    return read_summary(run.folder).status if summary.is_file() else "failed"


def _named(ended: list[Ended]) -> str:
    return ", ".join(f"{one.batch.key} ({one.outcome})" for one in ended)
