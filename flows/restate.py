"""Restatements: a run's batch with what was released of it, taken all the way again, beside the version before.

A restatement is owed from the moment its replay is recorded. Each step below can be done again with the same end, so
whoever comes next finishes what a killed process left.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from expectations.errors import UsageError
from flows.attempt import Demands, base_files
from flows.pipeline import run_pipeline
from flows.plain_stages import PlainStages
from flows.progress import Progress
from flows.run import Run
from flows.run_records import RunRecord, keep_record, read_record
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.differences import Version, compare
from tasks.dead_letters.differences_page import write_differences
from tasks.dead_letters.replays import Owed
from tasks.dead_letters.store import DeadLetterStore
from tasks.ingest.land import ingest_file
from tasks.models import LandedFile, SourceRef
from tasks.settings import Settings

_log = logging.getLogger(__name__)


class _Restated(PlainStages):
    """The stages of a run, its files landed as they were."""

    def __init__(self, run: Run, progress: Progress, landed: list[LandedFile]) -> None:
        super().__init__(run, progress)
        self._landed = landed

    def ingest(self, sources: Sequence[SourceRef]) -> list[LandedFile]:  # noqa: ARG002 - there are none
        """What the version before landed; what was released is put in by the pipeline, as in every run."""
        return self._landed


def make_owed(table: DeadLetterStore, settings: Settings, demands: Demands) -> list[str]:
    """Make the restatements a dataset is owed, the oldest first; gives their run ids."""
    store = ArtifactStore(settings.results_dir / "store")
    owed = table.owed_restatements(demands.contract.dataset)
    for one in owed:
        _make(one, table, settings, demands, store)
    return [one.new_run_id for one in owed]


def _make(owed: Owed, table: DeadLetterStore, settings: Settings, demands: Demands, store: ArtifactStore) -> None:
    before = read_record(store, owed.run_id)
    if before is None:
        raise UsageError(f"run {owed.run_id} cannot be restated: its artifacts are not in {store.root} any more")
    run = _run(owed, before, settings, demands, store)
    if not (run.folder / "summary.json").is_file():
        landed = _landed(before, table, demands, store)
        with Progress() as progress:
            run_pipeline(run, _Restated(run, progress, landed), progress)
    after = read_record(store, owed.new_run_id)
    if after is None:
        raise AssertionError(f"{owed.new_run_id}: a restatement without a record")
    after = after.model_copy(update={"restates": owed.run_id, "replay_id": owed.replay_id})
    keep_record(store, after)
    _write_differences(before, after, run, table)
    table.finish_restatement(owed)
    _log.info("restated", extra={"run_id": owed.new_run_id})


def _run(owed: Owed, before: RunRecord, settings: Settings, demands: Demands, store: ArtifactStore) -> Run:
    return Run(
        run_id=owed.new_run_id,
        settings=settings.model_copy(update={"dataset": before.dataset, "engine": before.engine}),
        contract=demands.contract,
        suite_text=demands.suite_text,
        uris=(),
        store=store,
        started_at=datetime.now(UTC),
        is_arrival=False,
    )


def _landed(before: RunRecord, table: DeadLetterStore, demands: Demands, store: ArtifactStore) -> list[LandedFile]:
    """The files of the version before; those that were released as a whole are read again."""
    files = base_files(before, demands.contract, store)
    releases = table.releases(before.dataset, [file.source.digest for file in files])
    whole = {release.file_digest for release in releases if release.line == 0}
    return [
        ingest_file(file.source, demands.contract, store)
        if file.landed is None and file.source.digest in whole
        else file
        for file in files
    ]


def _write_differences(before: RunRecord, after: RunRecord, run: Run, table: DeadLetterStore) -> None:
    assert after.replay_id is not None
    released = set(table.released_by(after.replay_id))
    releases = table.releases(after.dataset, [file.source.digest for file in after.landed])
    ours = [release for release in releases if release.letter_id in released]
    found = compare(_version(before), _version(after), ours, run.contract, run.store)
    write_differences(found, run.folder)


def _version(record: RunRecord) -> Version:
    return Version(record.run_id, record.batch, record.analysis)
