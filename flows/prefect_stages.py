"""The stages as cached, retrying Prefect tasks."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import unmapped
from prefect.futures import as_completed

from flows.progress import Progress
from flows.run import Run
from tasks.analyze.task import analyze
from tasks.caching import StageOptions, stage_options
from tasks.ingest.task import ingest
from tasks.models import Analysis, LandedFile, SourceRef, ValidatedBatch
from tasks.report.facts import Figures
from tasks.report.task import draw
from tasks.validate.task import validate


class PrefectStages:
    """Each stage a task run that the server sees: Cached where nothing it depends on has changed."""

    def __init__(self, run: Run, progress: Progress, *, refresh: bool = False) -> None:
        self._run = run
        self._progress = progress
        self._root = str(run.store.root)
        self._refresh = refresh

    def _options(self, stage: str) -> StageOptions:
        return stage_options(stage, self._run.settings, refresh=self._refresh)

    def ingest(self, sources: Sequence[SourceRef]) -> list[LandedFile]:
        """Land the files, as many at once as the flow's task runner allows."""
        task = ingest.with_options(**self._options("ingest"))
        futures = task.map(list(sources), contract=unmapped(self._run.contract), store_root=unmapped(self._root))
        for _ in as_completed(list(futures)):
            self._progress.advance()
        return [future.result() for future in futures]

    def validate(self, landed: Sequence[LandedFile]) -> ValidatedBatch:
        """Put the batch through the gate."""
        task = validate.with_options(**self._options("validate"))
        return task(list(landed), self._run.contract, self._run.suite_text, self._root)

    def analyze(self, batch: ValidatedBatch) -> Analysis:
        """Make the result tables from the accepted rows."""
        task = analyze.with_options(**self._options("analyze"))
        accepted = [file.accepted for file in batch.files if file.accepted is not None]
        return task(accepted, self._run.contract, self._run.settings.engine, self._root)

    def draw(self, analysis: Analysis) -> Figures:
        """Draw the plots of the report."""
        task = draw.with_options(**self._options("report"))
        return task(analysis, self._run.contract, self._root)
