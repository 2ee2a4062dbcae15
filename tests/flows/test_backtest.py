"""A changed suite and a changed contract tried on a past batch."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flows.backtest import BacktestParameters, backtest
from flows.backtest import main as backtest_main
from tasks.dead_letters.backtests import BatchBacktest

from .replay_bench import Bench, summary_of, truth_of

CONTRACT = Path("expectations/events/contract.yaml")
SUITE = Path("expectations/events/suite.json")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = Bench(tmp_path_factory.mktemp("past"))
    bench.generate("a.csv", "new_category=0.02 epoch_seconds=0.02 script=0.05", rows=1_000)
    bench.run()
    return bench


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Knows a new category, and one of the old ones no more."""
    document: dict[str, Any] = json.loads(SUITE.read_text(encoding="utf-8"))
    for one in document["expectations"]:
        if one["type"] == "expect_column_values_to_be_in_set":
            one["kwargs"]["value_set"] = [*(set(one["kwargs"]["value_set"]) - {"view"}), "wishlist"]
    path = tmp_path / "new_suite.json"
    path.write_text(json.dumps(document))
    return path


def tried(bench: Bench, **asked: Any) -> BatchBacktest:
    (batch,) = backtest(BacktestParameters.model_validate(asked), bench.settings).report.batches
    return batch


def views(bench: Bench) -> int:
    return int((bench.accepted(bench.run_ids()[0])["event_type"] == "view").sum())


def test_todays_suite_and_contract_move_nothing(past: Bench) -> None:
    batch = tried(past)
    assert (batch.rejected, batch.released, batch.rejected_by, batch.released_by) == (0, 0, (), ())
    assert batch.rows_before == batch.rows_after


def test_a_changed_suite_rejects_and_releases(past: Bench, suite: Path) -> None:
    letters, runs = past.letters(), past.run_ids()
    batch = tried(past, suite=str(suite))
    planted = truth_of(past.inputs / "a.csv")
    assert batch.rejected == views(past)
    assert batch.released == len(planted["new_category"]["lines"])
    (rejected,), (released,) = batch.rejected_by, batch.released_by
    assert (rejected.code, rejected.column, rejected.file, rejected.rows) == (
        "unknown_event_type",
        "event_type",
        "a.csv",
        batch.rejected,
    )
    assert released.rows == batch.released
    assert all("‹masked›" in text for text in (*rejected.sample, *released.sample))
    assert (past.letters(), past.run_ids()) == (letters, runs)


def test_a_changed_contract_releases_what_it_can_read(past: Bench, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    with_epochs = CONTRACT.read_text(encoding="utf-8").replace('"%Y-%m-%dT%H:%M:%S"]', '"%Y-%m-%dT%H:%M:%S", "%s"]')
    path.write_text(with_epochs, encoding="utf-8")
    batch = tried(past, contract=str(path))
    assert batch.rejected == 0
    assert batch.released == len(truth_of(past.inputs / "a.csv")["epoch_seconds"]["lines"])


def test_the_pages_are_safe_and_the_limit_decides(past: Bench, suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["--results-dir", str(past.results), "--suite", str(suite)]
    assert backtest_main([*call, "--max-rejected-share", "1"]) == 0
    assert backtest_main([*call, "--max-rejected", "5"]) == 1
    out = capsys.readouterr().out
    assert "past the limit of 5 rows" in out
    folder = max((past.results / "backtests").iterdir())
    page, markdown = (folder / "backtest.html").read_text(), (folder / "backtest.md").read_text()
    assert "<script" not in page
    assert re.search(r"(?<!\\)<script", markdown) is None
    assert "unknown_event_type" in page
    assert json.loads((folder / "backtest.json").read_text())["rejected"] == views(past)


def test_after_a_replay_the_newest_version_is_tried(past: Bench) -> None:
    first = past.run_ids()[0]
    repair = "epoch:column=session_start; epoch:column=session_end"
    past.replay(reason="cast_datetime", repair=[repair])
    batch = tried(past)
    assert (batch.run_id, batch.rejected, batch.released) == (f"{first}-v2", 0, 0)
    assert batch.rows_before.model_dump() == summary_of(past, f"{first}-v2")["rows"]


def test_wrong_calls(tmp_path: Path, past: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"name": "x", "expectations": [{"type": "expect_magic"}]}')
    results = ["--results-dir", str(past.results)]
    assert backtest_main([*results, "--suite", str(bad)]) == 2
    assert backtest_main([*results, "--suite", str(tmp_path / "gone.json")]) == 2
    assert backtest_main(["--results-dir", str(tmp_path / "empty")]) == 2
    errors = capsys.readouterr().err
    assert "bad.json: expectation 1 (expect_magic): there is no such type" in errors
    assert "gone.json: there is no such file" in errors
    assert "run it once, then try again" in errors
