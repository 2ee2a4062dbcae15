"""The Prefect task of this stage: a thin line over `validate_batch`. Caching and retries are set by the flow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from prefect import task

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.models import LandedFile, ValidatedBatch
from tasks.validate.batch import validate_batch


@task(name="validate")
def validate(landed: Sequence[LandedFile], contract: Contract, suite_text: str, store_root: str) -> ValidatedBatch:
    """Put one batch through the gate."""
    return validate_batch(landed, contract, suite_text, ArtifactStore(Path(store_root)))
