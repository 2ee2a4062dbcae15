"""Law 4 at size: a million generated rows give the same bytes on every engine, and in two runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from benchmarks.events import EventPlan, clean_block
from expectations.contract import load_contract
from tasks.analyze.batch import analyze_batch
from tasks.artifacts import ArtifactStore
from tasks.landed import landed_schema
from tasks.models import Analysis, ArtifactRef, EngineName

EVENTS = load_contract("events")
ROWS = 1_000_000
TIMES = "%Y-%m-%d %H:%M:%S"


def accepted(text: pl.DataFrame) -> pl.DataFrame:
    """Rows of text as ingest lands them."""
    times = [pl.col(name).str.to_datetime(TIMES, time_unit="us") for name in ("session_start", "session_end")]
    provenance = [pl.int_range(2, pl.len() + 2).alias("__line"), pl.lit(1).alias("__span")]
    return text.with_columns(*times, *provenance).select(landed_schema(EVENTS).names()).cast(landed_schema(EVENTS))


def write_rows(folder: Path, rows: int) -> list[Path]:
    plan = EventPlan(rows=rows)
    paths = [folder / f"{block}.parquet" for block in range(plan.blocks)]
    for block, path in enumerate(paths):
        accepted(clean_block(plan, block)).write_parquet(path)
    return paths


def analyzed(paths: list[Path], engine: EngineName, folder: Path) -> dict[str, ArtifactRef]:
    analysis: Analysis = analyze_batch(paths, EVENTS, engine, ArtifactStore(folder / engine))
    return analysis.tables


@pytest.mark.large
def test_a_million_rows_on_every_engine(tmp_path: Path) -> None:
    paths = write_rows(tmp_path, ROWS)
    first = analyzed(paths, "polars", tmp_path)
    assert first["session_metrics"].rows is not None
    assert first["session_metrics"].rows > 10_000
    assert analyzed(paths[::-1], "polars", tmp_path) == first, "the order of files changes no number"
    assert analyzed(paths, "pandas", tmp_path) == first
    assert analyzed(paths, "duckdb", tmp_path) == first


@pytest.fixture
def two_workers() -> Iterator[None]:
    distributed = pytest.importorskip("distributed", reason="requirements-extras.txt is not installed")
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster):
        yield


@pytest.mark.large
def test_a_million_rows_on_a_dask_cluster(tmp_path: Path, two_workers: None) -> None:
    paths = write_rows(tmp_path, ROWS)
    assert analyzed(paths, "dask", tmp_path) == analyzed(paths, "polars", tmp_path)


@pytest.mark.large
def test_a_million_rows_on_a_local_spark(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="requirements-extras.txt is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    paths = write_rows(tmp_path, ROWS)
    assert analyzed(paths, "spark", tmp_path) == analyzed(paths, "polars", tmp_path)
