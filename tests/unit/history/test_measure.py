"""What is kept of a run, and that it tells a changed batch from another draw of the same."""

from pathlib import Path

import polars as pl
import pytest

from expectations.contract import Baseline, Contract
from tasks.artifacts import ArtifactStore
from tasks.history.compare import compare_runs
from tasks.history.measure import measure_run
from tasks.history.models import RunMeasures
from tasks.models import Rows
from tasks.report.summary import summarize
from tests.unit.report.made import EVENTS, analysed, batch, digest, events, facts, landed


def measured(store: ArtifactStore, day: int, frame: pl.DataFrame, contract: Contract = EVENTS) -> RunMeasures:
    analysis = analysed(frame, store, contract)
    rows = Rows(read=frame.height, accepted=frame.height)
    summary = summarize(facts(run_id=f"r{day}"), [landed()], batch(rows), digest(), {})
    kept = measure_run(summary, analysis, store)
    return kept.model_copy(update={"input_digest": f"i{day}", "started_at": kept.started_at.replace(day=day)})


def spreads(found: RunMeasures, past: list[RunMeasures]) -> dict[str, bool]:
    compared = compare_runs(found, past, Baseline()).shares
    return {one.name: one.has_drifted for one in compared if one.name.startswith("spread.")}


def test_another_draw_of_the_same_is_no_drift_and_dearer_things_are(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    past = [measured(store, day, events(2000, seed=day)) for day in range(1, 5)]
    drawn = events(2000, seed=20)
    assert spreads(measured(store, 20, drawn), past) == {"spread.value": False, "spread.duration_seconds": False}
    dearer = drawn.with_columns((pl.col("value") * 2).cast(drawn.schema["value"]))
    assert spreads(measured(store, 21, dearer), past) == {"spread.value": True, "spread.duration_seconds": False}


def test_shares_of_a_spread_add_up_and_name_their_bands(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    shares = measured(store, 1, events(500)).shares["spread.duration_seconds"]
    assert sum(shares.values()) == pytest.approx(1)
    assert all(" to " in band for band in shares)


def test_texts_and_truth_values_have_a_mix_but_not_the_category(tmp_path: Path) -> None:
    contract = EVENTS.model_copy(update={"roles": EVENTS.roles.model_copy(update={"category": None})})
    store = ArtifactStore(tmp_path)
    assert "mix.event_type" not in measured(store, 1, events(300)).shares
    mix = measured(store, 1, events(300), contract).shares["mix.event_type"]
    assert set(mix) == {"view", "login", "cart", "purchase", "refund"}
    assert sum(mix.values()) == pytest.approx(1)
