"""The way of a batch, the same with a Prefect engine and without: ingest, validate, quarantine, analyze, report."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from expectations.errors import UsageError
from flows.allocator import give_back_what_is_free
from flows.arrival import judged_on_arrival
from flows.progress import Progress
from flows.quarantine import quarantine
from flows.releases import take_releases
from flows.run import Run, manifest
from flows.run_history import past_runs, remember_run
from flows.run_records import keep_record, record_of
from flows.stage_clock import StageClock
from flows.stages import Stages
from tasks.alerts.alert import RunFailure
from tasks.alerts.send import send_alerts
from tasks.ingest.land import without_rows
from tasks.models import Analysis, ArtifactRef, LandedFile, RunSummary, SourceRef, ValidatedBatch, Verdict
from tasks.report.digest import digest_letters
from tasks.report.facts import Figures, RunFacts, RunStatus
from tasks.report.publish import publish_report
from tasks.retries import RetryPlan, call_with_retries
from tasks.safe_errors import describe
from tasks.sources import LostSourceError, fingerprint

_log = logging.getLogger(__name__)


class RunState:
    """How far a run has come: what there is to report, whatever happens next."""

    def __init__(self, run: Run, progress: Progress) -> None:
        self.run = run
        self.progress = progress
        self.stage = "start"
        self.stage_seconds: dict[str, float] = {}
        self.stage_rows: dict[str, int] = {}
        self.stage_bytes: dict[str, int] = {}
        self.stage_peak_memory_bytes: dict[str, int] = {}
        self.landed: list[LandedFile] = []
        self.batch: ValidatedBatch | None = None
        self.analysis: Analysis | None = None
        self.figures: Figures | None = None
        self.why_letters_wait: str | None = None

    @contextmanager
    def timed(self, stage: str, steps: int = 1) -> Iterator[None]:
        """Run one stage: named in progress, logs and failures, what it took kept."""
        self.stage = stage
        _log.info("started", extra={"stage": stage})
        give_back_what_is_free()
        clock = StageClock()
        with self.progress.stage(stage, steps):
            yield
        seconds, peak = clock.seconds(), clock.peak_memory_bytes()
        self.stage_seconds[stage] = round(seconds, 3)
        if peak is not None:
            self.stage_peak_memory_bytes[stage] = peak
        facts = {
            "rows": self.stage_rows.get(stage),
            "milliseconds": round(1000 * seconds),
            "bytes": self.stage_bytes.get(stage),
            "peak_memory_bytes": peak,
        }
        _log.info("done", extra={"stage": stage, **facts})

    def worked_on(self, rows: int, artifacts: Iterable[ArtifactRef | None] = (), size_bytes: int = 0) -> None:
        """Note how much the stage had before it."""
        self.stage_rows[self.stage] = rows
        self.stage_bytes[self.stage] = size_bytes + sum(ref.size_bytes for ref in artifacts if ref is not None)

    def letter_refs(self) -> list[ArtifactRef]:
        """The dead letters of every stage so far, as Parquet."""
        if self.batch is None:
            refs = [file.dead_letters for file in self.landed]
        else:
            refs = [*(file.dead_letters for file in self.batch.files), self.batch.dead_letters]
        return [ref for ref in refs if ref is not None]

    def letter_paths(self) -> list[Path]:
        """Where they lie."""
        return [self.run.store.path(ref) for ref in self.letter_refs()]


def run_pipeline(run: Run, stages: Stages, progress: Progress) -> tuple[RunSummary, str | None]:
    """Take a batch all the way, and report on it however it ends.

    A batch that the gate stops is not analysed, unless the run is forced; its report says why. A stage that fails
    leaves a report too, of status `failed`, and the error goes on to the caller.

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
    send_alerts(_to_be_told(summary, state.why_letters_wait), run.settings)
    return summary, state.why_letters_wait


def _to_be_told(summary: RunSummary, why_letters_wait: str | None) -> RunSummary | RunFailure:
    """A batch that goes through while its dead letters wait on disk is a failure all the same."""
    if why_letters_wait is None or summary.status == "stopped":
        return summary
    what = f"dead letters wait on disk for the next run: {why_letters_wait}"
    return RunFailure(run_id=summary.run_id, dataset=summary.dataset, stage="quarantine", what=what)


def _run_stages(state: RunState, stages: Stages) -> None:
    with state.timed("ingest", steps=len(state.run.uris)):
        sources = sources_of(state.run)
        state.landed = take_releases(state.run, stages.ingest(sources))
        state.worked_on(_read(state.landed), size_bytes=sum(source.size_bytes for source in sources))
    with state.timed("validate"):
        landed = [file.landed for file in state.landed]
        state.worked_on(sum(ref.rows or 0 for ref in landed if ref is not None), landed)
        state.batch = judged_on_arrival(state.run, _validate(state, stages))
    with state.timed("quarantine"):
        state.why_letters_wait = quarantine(state.run, state.landed, state.letter_paths())
        state.worked_on(state.batch.rows.dead, state.letter_refs())
    if state.batch.gate.verdict == Verdict.STOPPED and not state.run.is_forced:
        return
    with state.timed("analyze"):
        state.worked_on(state.batch.rows.accepted, [file.accepted for file in state.batch.files])
        state.analysis = stages.analyze(state.batch)
    with state.timed("report"):
        state.figures = stages.draw(state.analysis)


def _validate(state: RunState, stages: Stages) -> ValidatedBatch:
    """Put the batch through the gate; a file that it must look at again, and that was changed or taken away, is out."""
    while True:
        try:
            return stages.validate(state.landed)
        except LostSourceError as lost:
            store = state.run.store
            state.landed = [
                without_rows(file, lost, store) if file.source.uri == lost.uri else file for file in state.landed
            ]


def sources_of(run: Run) -> list[SourceRef]:
    """What the input files are; remote ones are fetched to the store, once more where a server does not answer."""
    limits, plan = run.settings.unpacking, RetryPlan(**run.settings.retries.model_dump())

    def at(uri: str) -> tuple[SourceRef, ...]:
        return call_with_retries(lambda: fingerprint(uri, store=run.store, limits=limits, notes=run.store), plan)

    return [source for uri in run.uris for source in at(uri)]


def _read(landed: Iterable[LandedFile]) -> int:
    return sum(file.rows.read for file in landed)


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
    run, clock = state.run, StageClock()
    facts = RunFacts(
        run_id=run.run_id,
        dataset=run.contract.dataset,
        engine=run.settings.engine,
        status=status,
        started_at=run.started_at,
        finished_at=datetime.now(UTC),
        stage_seconds=state.stage_seconds,
        stage_rows=state.stage_rows,
        stage_bytes=state.stage_bytes,
        stage_peak_memory_bytes=state.stage_peak_memory_bytes,
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
        peak_memory_bytes=clock.peak_memory_bytes,
    )
    if state.batch is not None and failure is None:
        keep_record(run.store, record_of(run, state.landed, state.batch, state.analysis))
    unnamed.replace(run.folder)
    remember_run(run, summary, state.analysis)
    return summary
