"""A batch that comes too late is stopped before its analysis, by the real stages."""

from pathlib import Path

from flows.pipeline import run_pipeline
from flows.plain_stages import PlainStages
from flows.progress import Progress
from flows.run import open_run
from tests.flows.test_watch import ROWS


def test_old_data_never_reaches_the_analysis(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text(ROWS)
    run = open_run(None, {"input": [str(tmp_path / "old.csv")], "results_dir": tmp_path / "out"})
    baseline = run.contract.baseline.model_copy(update={"freshness_hours": 24.0, "at_gate": "stop"})
    strict = run._replace(contract=run.contract.model_copy(update={"baseline": baseline}))
    with Progress() as progress:
        summary, _ = run_pipeline(strict, PlainStages(strict, progress), progress)
    assert (summary.status, summary.rows.accepted) == ("stopped", 39)
    assert [why for why in summary.gate.reasons if why.startswith("freshness: the newest row was")]
    assert not [name for name in summary.tables if name == "batch_totals"]
