"""The Prefect flow. What it does is in `pipeline.py`; here is only what a Prefect server is told of it."""

from __future__ import annotations

import logging
from typing import Any, cast

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.states import Cancelled, Failed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from expectations.errors import UsageError
from flows.misconfigured import misconfigured
from flows.one_at_a_time import IfBusy, RunInTheWayError, one_at_a_time
from flows.parameters import RunParameters
from flows.pipeline import run_pipeline
from flows.prefect_artifacts import show_artifacts
from flows.prefect_events import emit_what_was_crossed
from flows.prefect_stages import PrefectStages
from flows.progress import Progress
from flows.run import Run, log_as, open_run
from tasks.models import RunSummary
from tasks.safe_errors import describe

_log = logging.getLogger(__name__)

# The reader uses the cores within a file; more files at once would only take memory.
_RUNNER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=2))


@flow(name="sluice", task_runner=_RUNNER, validate_parameters=True)
def sluice(parameters: RunParameters | None = None) -> State[Any] | dict[str, Any]:
    """Ingest, validate, analyze and report one batch of a dataset.

    Files are read by the dataset's contract, gated by its Great Expectations suite, analysed and reported. Rejected
    rows are kept in the dead-letter table with every reason.
    """
    asked = parameters or RunParameters()
    try:
        run = open_run(
            asked.config_path,
            asked.overrides(),
            run_id=asked.run_id,
            is_forced=asked.force,
            is_arrival=asked.judge_arrival,
        )
    except (UsageError, ConnectionError) as error:  # of a server that holds inputs
        return misconfigured(error, asked)
    log_as(run)
    try:
        return _run(run, asked)
    except UsageError as error:
        return misconfigured(error, asked)
    except RunInTheWayError as error:
        return _in_the_way(str(error), asked.if_busy)


def _run(run: Run, asked: RunParameters) -> State[Any] | dict[str, Any]:
    turn = one_at_a_time(run.settings.results_dir, run.contract.dataset, run.run_id, asked.if_busy.patience_seconds)
    with turn, Progress() as progress:
        summary, why_letters_wait = run_pipeline(run, PrefectStages(run, progress, refresh=asked.refresh), progress)
    _show(summary, run)
    if summary.status == "stopped":
        return Failed(message=f"the gate stopped the batch: {'; '.join(summary.gate.reasons)}")
    if why_letters_wait is not None:
        return Failed(message=why_letters_wait)
    return _in_short(summary)


def _show(summary: RunSummary, run: Run) -> None:
    """Put the run into the UI. Its work is done and lies in its folder, also where the server is away by now."""
    try:
        show_artifacts(summary, run)
        emit_what_was_crossed(summary, run.settings.alerts)
    except Exception as error:  # noqa: BLE001 - as said above
        _log.warning("the run's artifacts are not in the Prefect UI: %s", describe(error))


def _in_the_way(why: str, if_busy: IfBusy) -> State[Any]:
    return Cancelled(name="Skipped", message=why) if if_busy == IfBusy.SKIP else Failed(message=why)


def _in_short(summary: RunSummary) -> dict[str, Any]:
    return summary.model_dump(mode="json", include={"run_id", "status", "rows", "report"})
