"""Single stages as processes of their own, for `python -m benchmarks analysis`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import cast

from expectations.contract import load_contract
from tasks.analyze.batch import analyze_batch
from tasks.analyze.engines import open_engine
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.models import EngineName
from tasks.sources import fingerprint


def land(csv: str, parquet: str) -> None:
    """Land a file of events, once for all engines."""
    with tempfile.TemporaryDirectory(dir=Path(parquet).parent) as folder:
        store = ArtifactStore(Path(folder))
        (source,) = fingerprint(csv)
        landed = ingest_file(source, load_contract("events"), store).landed
        assert landed is not None
        shutil.copyfile(store.path(landed), parquet)


def analyze(engine: EngineName, parquet: Path) -> None:
    """Every result table, on one engine."""
    with tempfile.TemporaryDirectory() as folder:
        analyze_batch([parquet], load_contract("events"), engine, ArtifactStore(Path(folder)))


if __name__ == "__main__":
    way, landed = sys.argv[1], Path(sys.argv[2])
    if way == "imports":
        open_engine("polars", [landed], load_contract("events")).close()
    else:
        analyze(cast("EngineName", way), landed)
