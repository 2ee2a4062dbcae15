"""The Prefect task of this stage: a thin line over `analyze_batch`. Caching and retries are set by the flow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from prefect import task

from expectations.contract import Contract
from tasks.analyze.batch import analyze_batch
from tasks.artifacts import ArtifactStore
from tasks.models import Analysis, ArtifactRef, EngineName


@task(name="analyze")
def analyze(accepted: Sequence[ArtifactRef], contract: Contract, engine: EngineName, store_root: str) -> Analysis:
    """Make the result tables of one batch."""
    store = ArtifactStore(Path(store_root))
    return analyze_batch([store.path(ref) for ref in accepted], contract, engine, store)
