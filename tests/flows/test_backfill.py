"""Backfill on the real stages, without a Prefect engine."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId

from flows import backfill
from flows.backfill_flow import BackfillParameters, sluice_backfill
from flows.crash import parameters_of

HEADER = "user_id,session_start,session_end,event_type,value,metadata\n"


class Folder:
    """Input and results of the tests, and what the command said last."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.input = path / "in"
        self.input.mkdir()
        self._capsys = capsys

    def put(self, name: str, days: int = 2) -> Path:
        """A small clean file of events; `days` makes its content."""
        rows = [
            f"{user},2026-01-{day:02} 08:00:00,2026-01-{day:02} 09:00:00,view,1.50,\n"
            for user in (1, 2)
            for day in range(1, days + 1)
        ]
        (self.input / name).write_text(HEADER + "".join(rows))
        return self.input / name

    def run(self, *options: str) -> tuple[int, str]:
        code = backfill.main(["--input", str(self.input), "--results-dir", str(self.path / "out"), *options])
        said = self._capsys.readouterr()
        return code, said.out + said.err

    def runs(self) -> dict[str, str]:
        """The run that counts for each batch that went through."""
        asked = "SELECT batch, run_id FROM ledger_batches WHERE outcome IN ('passed', 'warned') ORDER BY batch"
        with sqlite3.connect(self.path / "out" / "dead_letters.db") as ledger:
            return dict(ledger.execute(asked).fetchall())


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    return Folder(tmp_path, capsys)


def test_only_what_is_new_late_or_changed_is_run_and_replaces_what_was(folder: Folder) -> None:
    january, _ = folder.put("a_2026-01.csv", 2), folder.put("b_2026-02.csv", 3)
    code, said = folder.run()
    first = folder.runs()
    assert code == 0, said
    assert list(first) == ["2026-01", "2026-02"]

    code, said = folder.run()
    assert (code, said.count("done before")) == (0, 2)
    assert folder.runs() == first

    folder.put("late_2026-01.csv", 4)
    folder.run()
    late = folder.runs()
    assert late["2026-01"] != first["2026-01"]
    assert late["2026-02"] == first["2026-02"]

    folder.put("b_2026-02.csv", 5)
    folder.run()
    changed = folder.runs()
    assert changed["2026-01"] == late["2026-01"]
    assert changed["2026-02"] != late["2026-02"]

    shutil.copy(january, folder.input / "a_2026-03.csv")
    (folder.input / "late_2026-01.csv").rename(folder.input / "late_2026-04.csv")
    code, said = folder.run("--since", "2026-03")
    assert code == 0
    assert "not taken, a_2026-03.csv went through before as a_2026-01.csv" in said
    assert "not taken, late_2026-04.csv went through before as late_2026-01.csv" in said
    assert folder.runs() == changed


def test_a_stopped_batch_is_tried_again_and_does_not_keep_the_next_from_its_turn(folder: Folder) -> None:
    (folder.input / "x_2026-01.csv").write_text("planet,moons\nMars,2\n")
    folder.put("b_2026-02.csv", 3)

    code, said = folder.run()
    folder.put("x_2026-01.csv", 2)
    mended, said_again = folder.run()

    assert code == 1
    assert "2026-01: stopped" in said
    assert mended == 0
    assert "2026-02: done before" in said_again


def test_a_dry_run_says_what_is_due_and_runs_nothing(folder: Folder) -> None:
    folder.put("a_2026-01.csv", 2)
    folder.put("undated.csv", 3)

    code, said = folder.run("--dry-run", "--since", "2026-01")

    assert code == 0
    assert "2026-01: 1 files, due" in said
    assert "not taken, no date in its name: undated.csv" in said
    assert not list((folder.path / "out").glob("*/report.html"))


@pytest.mark.parametrize("options", [("--since", "soon"), ("--dataset", "nosuch")])
def test_a_wrong_call_is_one_line_and_exit_code_2(folder: Folder, options: tuple[str, ...]) -> None:
    folder.put("a_2026-01.csv")

    assert folder.run(*options)[0] == 2


def test_as_a_flow_each_batch_is_a_flow_run_of_its_own(prefect_engine: None, folder: Folder) -> None:
    folder.put("a_2026-01.csv", 2)
    (folder.input / "x_2026-02.csv").write_text("planet,moons\nMars,2\n")
    given = {"input": [str(folder.input)], "results_dir": str(folder.path / "out")}

    state = sluice_backfill(BackfillParameters.model_validate(given), return_state=True)

    assert state.is_failed()
    assert state.message == "of 2 batches these did not go through: 2026-02 (stopped)"
    parent = state.state_details.flow_run_id
    assert parent is not None
    children = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[parent]))
    with get_client(sync_client=True) as client:
        made = client.read_flow_runs(flow_run_filter=children)
    assert {run.state.type.value for run in made if run.state} == {"COMPLETED", "FAILED"}
    assert not any(parameters_of(run).judge_arrival for run in made)  # batches of the past are old by their nature
    assert list(folder.runs()) == ["2026-01"]
