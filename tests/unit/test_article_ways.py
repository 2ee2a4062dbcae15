"""The article's work is the same work in every engine: each script's seven tables are Sluice's own, value by value."""

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks.article_tables import TABLES, TIME_FORMAT
from benchmarks.article_ways import WAYS
from benchmarks.events import EventPlan, clean_block
from expectations.contract import load_contract
from tasks.analyze.batch import analyze_batch
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.sources import fingerprint

ROWS = 4000


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated events, and beside their open sessions and missing values what clean ones have not."""
    path = tmp_path_factory.mktemp("events") / "events.csv"
    start = pl.col("session_start").str.to_datetime(TIME_FORMAT)
    row = pl.int_range(pl.len())

    def ends(seconds: int) -> pl.Expr:
        return (start + pl.duration(seconds=seconds)).dt.to_string(TIME_FORMAT)

    clean_block(EventPlan(ROWS, user_pool=ROWS), 0).filter(start.dt.hour() != 3).with_columns(
        pl.when(row % 50 == 1)
        .then(ends(0))
        .when(row % 50 == 2)
        .then(ends(-90))
        .when(row % 400 == 3)  # equally long: ties among the outliers
        .then(ends(40_000))
        .otherwise("session_end")
        .alias("session_end"),
        *(pl.when(row % 97 != at).then(name).alias(name) for at, name in enumerate(("event_type", "metadata"))),
        pl.when(row % 500 != 4).then("user_id").alias("user_id"),
        pl.when(row % 500 != 5).then("session_start").alias("session_start"),
        pl.when(row % 300 == 6).then(pl.lit("-250.10")).otherwise("value").alias("value"),
    ).write_csv(path)
    return path


@pytest.fixture(scope="module")
def ours(events: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    contract, store = load_contract("events"), ArtifactStore(tmp_path_factory.mktemp("store"))
    (landed,) = (ingest_file(source, contract, store).landed for source in fingerprint(str(events)))
    assert landed is not None
    made = analyze_batch([store.path(landed)], contract, "polars", store).tables
    return {name: pl.read_parquet(store.path(made[name])) for name in TABLES}


@pytest.mark.parametrize("way", ["pandas", "pandas_by_hand", "polars", "duckdb"])
def test_the_scripts_make_our_tables(way: str, events: Path, ours: dict[str, pl.DataFrame]) -> None:
    made: Any = WAYS[way][1](events)
    assert tuple(made) == TABLES
    for name, table in made.items():
        theirs = pl.from_pandas(table) if way.startswith("pandas") else pl.DataFrame(table)
        assert set(theirs.columns) == set(ours[name].columns), name
        for column in ours[name].columns:
            _same(f"{name}.{column}", theirs[column], ours[name][column])


def test_the_file_has_what_could_be_done_differently(ours: dict[str, pl.DataFrame]) -> None:
    missing = dict(ours["column_summary"].select("column", "missing").iter_rows())
    assert min(missing.values()) > 0
    assert ours["session_metrics"]["std_duration_seconds"].null_count() > 0
    assert ours["hourly_trend"]["count"].to_list()[3] == 0
    assert set(ours["outliers"]["side"]) == {"above", "below"}
    assert ours["outliers"]["value"].is_duplicated().any()
    assert ours["outlier_bounds"]["minimum"].to_list() == [0, -250.10]


def _same(what: str, theirs: pl.Series, ours: pl.Series) -> None:
    if not ours.dtype.is_float():
        assert theirs.cast(ours.dtype).to_list() == ours.to_list(), what
        return
    known = theirs.cast(pl.Float64).fill_nan(None).to_list()
    assert [one is None for one in known] == [one is None for one in ours], what
    pairs = zip(known, ours, strict=True)
    assert all(a is None or math.isclose(a, b, rel_tol=1e-9) for a, b in pairs), what
