"""A batch that comes too late is stopped before its analysis, by the real stages."""

from pathlib import Path

from flows.pipeline import run_pipeline
from flows.plain_stages import PlainStages
from flows.progress import Progress
from flows.run import Run, open_run
from tests.flows.test_watch import ROWS


def strict_run(folder: Path) -> Run:
    (folder / "old.csv").write_text(ROWS)
    run = open_run(None, {"input": [str(folder / "old.csv")], "results_dir": folder / "out"})
    baseline = run.contract.baseline.model_copy(update={"freshness_hours": 24.0, "at_gate": "stop"})
    return run._replace(contract=run.contract.model_copy(update={"baseline": baseline}))


def test_old_data_never_reaches_the_analysis(tmp_path: Path) -> None:
    strict = strict_run(tmp_path)
    with Progress() as progress:
        summary, _ = run_pipeline(strict, PlainStages(strict, progress), progress)
    assert (summary.status, summary.rows.accepted) == ("stopped", 39)
    assert [why for why in summary.gate.reasons if why.startswith("freshness: the newest row was")]
    assert not [name for name in summary.tables if name == "batch_totals"]


def test_a_restated_batch_does_not_arrive_again(tmp_path: Path) -> None:
    restated = strict_run(tmp_path)._replace(is_arrival=False)
    with Progress() as progress:
        summary, _ = run_pipeline(restated, PlainStages(restated, progress), progress)
    assert summary.status in {"passed", "warned"}
    assert "batch_totals" in summary.tables
