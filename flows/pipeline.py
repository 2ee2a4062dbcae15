"""The way of a batch, the same with a Prefect engine and without: ingest, validate, quarantine, analyze, report."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from expectations.errors import UsageError
from flows.progress import Progress
from flows.quarantine import quarantine
from flows.releases import take_releases
from flows.run import Run, manifest
from flows.run_history import past_runs, remember_run
from flows.run_records import keep_record, record_of
from flows.stages import Stages
from tasks.alerts.alert import RunFailure
from tasks.alerts.send import send_alerts
from tasks.models import Analysis, LandedFile, RunSummary, ValidatedBatch, Verdict
from tasks.report.digest import digest_letters
from tasks.report.facts import Figures, RunFacts, RunStatus
from tasks.report.publish import publish_report
from tasks.safe_errors import describe
from tasks.sources import fingerprint

_log = logging.getLogger(__name__)


class RunState:
    """How far a run has come: what there is to report, whatever happens next."""

    def __init__(self, run: Run, progress: Progress) -> None:
        self.run = run
        self.progress = progress
        self.stage = "start"
        self.stage_seconds: dict[str, float] = {}
        self.landed: list[LandedFile] = []
        self.batch: ValidatedBatch | None = None
        self.analysis: Analysis | None = None
        self.figures: Figures | None = None
        self.why_letters_wait: str | None = None

    @contextmanager
    def timed(self, stage: str, steps: int = 1) -> Iterator[None]:
        """Run one stage: named in progress, logs and failures, its seconds kept."""
        self.stage = stage
        _log.info("started", extra={"stage": stage})
        started = time.perf_counter()
        with self.progress.stage(stage, steps):
            yield
        seconds = time.perf_counter() - started
        self.stage_seconds[stage] = round(seconds, 3)
        _log.info("done", extra={"stage": stage, "milliseconds": round(1000 * seconds)})

    def letter_paths(self) -> list[Path]:
        """The dead letters of every stage so far, as Parquet."""
        if self.batch is None:
            refs = [file.dead_letters for file in self.landed]
        else:
            refs = [*(file.dead_letters for file in self.batch.files), self.batch.dead_letters]
        return [self.run.store.path(ref) for ref in refs if ref is not None]


def run_pipeline(run: Run, stages: Stages, progress: Progress) -> tuple[RunSummary, str | None]:
    """Take a batch all the way, and report on it however it ends.

    A batch that the gate stops is not analysed, unless the run is forced; its report says why. A stage that fails
    leaves a report too, of
    status `failed`, and the error goes on to the caller.

    Returns:
        The summary, and why dead letters still wait on disk (None where they are in their table).

    Raises:
        UsageError: the suite cannot be checked.
    """
    run.store.sweep()
    state = RunState(run, progress)
    try:
        _run_stages(state, stages)
    except UsageError:
        raise
    except Exception as error:
        _report_failure(state, error)
        raise
    assert state.batch is not None
    summary = _publish(state, _status(state.batch, is_forced=run.is_forced))
    send_alerts(summary, run.settings)
    return summary, state.why_letters_wait


def _run_stages(state: RunState, stages: Stages) -> None:
    with state.timed("ingest", steps=len(state.run.uris)):
        sources = [source for uri in state.run.uris for source in fingerprint(uri)]
        state.landed = take_releases(state.run, stages.ingest(sources))
    with state.timed("validate"):
        state.batch = stages.validate(state.landed)
    with state.timed("quarantine"):
        state.why_letters_wait = quarantine(state.run, state.landed, state.letter_paths())
    if state.batch.gate.verdict == Verdict.STOPPED and not state.run.is_forced:
        return
    with state.timed("analyze"):
        state.analysis = stages.analyze(state.batch)
    with state.timed("report"):
        state.figures = stages.draw(state.analysis)


def _status(batch: ValidatedBatch, *, is_forced: bool) -> RunStatus:
    """The gate's verdict; a stopped batch that was forced through is a warning, and the manifest says it was forced."""
    if is_forced and batch.gate.verdict == Verdict.STOPPED:
        return "warned"
    return batch.gate.verdict.value


def _report_failure(state: RunState, error: Exception) -> None:
    """Tell people, and write down what is known. Neither may hide the error that brought it about."""
    run, what = state.run, describe(error)
    failure = RunFailure(run_id=run.run_id, dataset=run.contract.dataset, stage=state.stage, what=what)
    send_alerts(failure, run.settings)
    try:
        _publish(state, "failed", failure=what)
    except Exception as second:  # noqa: BLE001  (a full disk fails the report as it failed the stage)
        _log.error("no report of the failed run could be written: %s", describe(second))


def _publish(state: RunState, status: RunStatus, failure: str | None = None) -> RunSummary:
    """Write the run's folder whole: made beside the others, then given its name."""
    run = state.run
    facts = RunFacts(
        run_id=run.run_id,
        dataset=run.contract.dataset,
        engine=run.settings.engine,
        status=status,
        started_at=run.started_at,
        finished_at=datetime.now(UTC),
        stage_seconds=state.stage_seconds,
        manifest=manifest(run),
        failure=failure,
        failed_stage=state.stage if failure else None,
    )
    letters = digest_letters(state.letter_paths(), run.contract, files=state.landed)
    unnamed = run.store.scratch()
    summary = publish_report(
        facts,
        state.landed,
        state.batch,
        state.analysis,
        state.figures,
        letters,
        run.contract,
        run.store,
        unnamed,
        past=past_runs(run),
        templates_dir=run.settings.report_templates,
    )
    if state.batch is not None and failure is None:
        keep_record(run.store, record_of(run, state.landed, state.batch, state.analysis))
    unnamed.replace(run.folder)
    remember_run(run, summary, state.analysis)
    return summary
