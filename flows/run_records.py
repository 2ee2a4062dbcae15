"""What a run made, kept for machines: enough to restate it, to compare versions of it, and to try a new suite on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from expectations.contract import Contract
from flows.run import Run
from tasks.artifacts import ArtifactStore
from tasks.models import Analysis, EngineName, Frozen, LandedFile, ValidatedBatch


class RunRecord(Frozen):
    """A run's inputs and what became of them, by reference to the artifact store."""

    run_id: str
    dataset: str
    engine: EngineName
    started_at: datetime
    contract: Contract
    suite_text: str
    landed: tuple[LandedFile, ...]
    batch: ValidatedBatch
    analysis: Analysis | None
    restates: str | None = None  # the run id of the version before
    replay_id: str | None = None  # the replay it was made for

    @property
    def original(self) -> str:
        """The run id of the first version."""
        return self.run_id if self.restates is None else self.run_id.rpartition("-v")[0]


def keep_record(store: ArtifactStore, record: RunRecord) -> None:
    """Write a record, whole or not at all."""
    path = _path(store, record.run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = store.scratch(".json")
    temporary.write_text(record.model_dump_json(), encoding="utf-8")
    os.replace(temporary, path)  # noqa: PTH105 - as the artifact store does it


def read_record(store: ArtifactStore, run_id: str) -> RunRecord | None:
    """A run's record; None where there is none, its artifacts are gone, or another Sluice wrote it another way."""
    try:
        record = RunRecord.model_validate_json(_path(store, run_id).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    refs = [ref for file in record.landed for ref in (file.landed, file.dead_letters) if ref is not None]
    return record if all(store.has(ref) for ref in refs) else None


def records(store: ArtifactStore, dataset: str) -> Iterator[RunRecord]:
    """The records of a dataset's runs, the newest first."""
    for path in sorted((store.root / "runs").glob("*.json"), reverse=True):
        record = read_record(store, path.stem)
        if record is not None and record.dataset == dataset:
            yield record


def record_of(run: Run, landed: list[LandedFile], batch: ValidatedBatch, analysis: Analysis | None) -> RunRecord:
    """The record of a run that came to its end."""
    return RunRecord(
        run_id=run.run_id,
        dataset=run.contract.dataset,
        engine=run.settings.engine,
        started_at=run.started_at,
        contract=run.contract,
        suite_text=run.suite_text,
        landed=tuple(landed),
        batch=batch,
        analysis=analysis,
    )


def _path(store: ArtifactStore, run_id: str) -> Path:
    return store.root / "runs" / f"{run_id}.json"
