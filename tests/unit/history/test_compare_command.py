"""`python -m flows.compare` on a real database."""

from pathlib import Path

import pytest

from flows.compare import main
from tasks.history.store import RunHistory
from tests.unit.history.test_compare import run


@pytest.fixture
def results_dir(tmp_path: Path) -> Path:
    history = RunHistory(f"sqlite:///{tmp_path / 'dead_letters.db'}")
    history.remember(run(1, 1000))
    history.remember(run(2, 400, dead=30, status="stopped", totals={}, shares={"category": {"view": 0.5, "<b>": 0.5}}))
    history.remember(run(3, dataset="flights"))
    return tmp_path


def test_two_runs_are_put_beside_each_other(results_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["r1", "r2", "--results-dir", str(results_dir)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "events: r2 (stopped) beside r1 (passed)"
    assert lines[1] == "400 rows were accepted, 60 % fewer than in the first run, 1,000."
    assert ["rows", "accepted", "1,000", "400", "−60", "%"] in [line.split() for line in lines]
    assert lines[-1].startswith("event type: <b> went from 0 % to 50.0 %; new: <b>; gone: buy")


def test_as_markdown_for_a_pull_request(results_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["r1", "r2", "--results-dir", str(results_dir), "--markdown"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# events: r2 \\(stopped\\) beside r1 \\(passed\\)\n")
    assert "| rows accepted | 1,000 | 400 | −60 % |" in text
    assert "<b>" not in text.replace("\\<b\\>", "")


WRONG = [
    (["r1", "r9"], "there is no run 'r9' on record (the latest are: r3, r2, r1)"),
    (["r1", "r3"], "only runs of one dataset can be compared"),
]


@pytest.mark.parametrize(("runs", "said"), WRONG)
def test_a_wrong_call_is_said_in_one_line(
    results_dir: Path, capsys: pytest.CaptureFixture[str], runs: list[str], said: str
) -> None:
    assert main([*runs, "--results-dir", str(results_dir)]) == 2
    assert said in capsys.readouterr().err
