"""The stages as plain calls, one after the other, without a Prefect engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread

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
from tasks.validate.batch import validate_batch


def run_plainly(run: Run, if_busy: IfBusy = IfBusy.WAIT) -> tuple[RunSummary, str | None]:
    """Take a batch all the way without a Prefect engine, once the dataset's other runs have ended.

    Raises:
        RunInTheWayError: another run goes on, and this one does not wait for it.
    """
    turn = one_at_a_time(run.settings.results_dir, run.contract.dataset, run.run_id, if_busy.patience_seconds)
    with turn, Progress() as progress:
        return run_pipeline(run, PlainStages(run, progress), progress)


@contextmanager
def _gate_coming_up() -> Iterator[None]:
    """Import Great Expectations, seconds of Python, while the block reads files, which keeps but one core busy.

    Reading imports nothing that Great Expectations is made of: two threads that import the same could see each other's
    half-made modules. An error is not told here: the gate meets it again.
    """
    loading = Thread(target=_load_gate, daemon=True)
    loading.start()
    try:
        yield
    finally:
        loading.join()


def _load_gate() -> None:
    with suppress(Exception):
        import_module("expectations.polars_engine")


class PlainStages:
    """The stages as plain calls, one after the other."""

    def __init__(self, run: Run, progress: Progress) -> None:
        self._run = run
        self._progress = progress

    def ingest(self, sources: Sequence[SourceRef]) -> list[LandedFile]:
        """Land the files in turn. What was read before is not read again."""
        contract, store = self._run.contract, self._run.store
        before, landed = LandedBefore(contract, store), []
        with _gate_coming_up():
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
