"""The Prefect task of this stage: a thin line over `ingest_file`. Caching and retries are set by the flow."""

from __future__ import annotations

from pathlib import Path

from prefect import task

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.models import LandedFile, SourceRef


@task(name="ingest", task_run_name="ingest {source.name}")
def ingest(source: SourceRef, contract: Contract, store_root: str) -> LandedFile:
    """Land one file."""
    return ingest_file(source, contract, ArtifactStore(Path(store_root)))
