"""The stages as plain calls, one after the other, without a Prefect engine."""

from __future__ import annotations

from collections.abc import Sequence

from flows.later_imports import LaterImports
from flows.one_at_a_time import IfBusy, one_at_a_time
from flows.pipeline import run_pipeline
from flows.progress import Progress
from flows.run import Run
from tasks.analyze.batch import analyze_batch
from tasks.ingest.land import ingest_file
from tasks.ingest.landed_before import LandedBefore
from tasks.models import Analysis, LandedFile, RunSummary, SourceRef, ValidatedBatch
from tasks.report.facts import Figures
from tasks.report.figures import draw_figures
from tasks.sources.addresses import is_remote
from tasks.validate.batch import validate_batch


def run_plainly(run: Run, if_busy: IfBusy = IfBusy.WAIT) -> tuple[RunSummary, str | None]:
    """Take a batch all the way without a Prefect engine, once the dataset's other runs have ended.

    Raises:
        RunInTheWayError: another run goes on, and this one does not wait for it.
    """
    turn = one_at_a_time(run.settings.results_dir, run.contract.dataset, run.run_id, if_busy.patience_seconds)
    with turn, Progress() as progress, LaterImports(run) as later:
        if not any(is_remote(uri) for uri in run.uris):  # what fetches files is in part made of the same
            later.start()
        return run_pipeline(run, PlainStages(run, progress, later), progress)


class PlainStages:
    """The stages as plain calls, one after the other."""

    def __init__(self, run: Run, progress: Progress, later: LaterImports | None = None) -> None:
        self._run = run
        self._progress = progress
        self._later = later or LaterImports(run)

    def ingest(self, sources: Sequence[SourceRef]) -> list[LandedFile]:
        """Land the files in turn. What was read before is not read again."""
        contract, store = self._run.contract, self._run.store
        before, landed = LandedBefore(contract, store), []
        self._later.start()
        with self._later:
            for source in sources:
                landed.append(before.get(source) or before.keep(ingest_file(source, contract, store)))
                self._progress.advance()
        return landed

    def validate(self, landed: Sequence[LandedFile]) -> ValidatedBatch:
        """Put the batch through the gate."""
        return validate_batch(landed, self._run.contract, self._run.suite_text, self._run.store)

    def analyze(self, batch: ValidatedBatch) -> Analysis:
        """Make the result tables from the accepted rows."""
        run = self._run
        paths = [run.store.path(file.accepted) for file in batch.files if file.accepted is not None]
        return analyze_batch(paths, run.contract, run.settings.engine, run.store)

    def draw(self, analysis: Analysis) -> Figures:
        """Draw the plots of the report."""
        return draw_figures(analysis, self._run.contract, self._run.store)
