"""`python -m flows.main --no-server` on the shipped sample, as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.main import main

PROJECT = Path(__file__).resolve().parents[2]
STAGES = ("ingest", "validate", "quarantine", "analyze", "report")


def only_run(results: Path) -> Path:
    (folder,) = runs(results)
    return folder


def runs(results: Path) -> list[Path]:
    return sorted(path.parent for path in results.glob("*/summary.json"))


def summary_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def tables_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "tables").glob("*.csv"))}


def letters_of(results: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(results / "dead_letters.db") as database:
        return sorted(database.execute("SELECT id, file_digest, line, status FROM dead_letters").fetchall())


@pytest.fixture(scope="module")
def sample_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("sample")
    assert main(["--no-server", "--results-dir", str(results)]) == 0
    return results


def test_the_sample_goes_through_with_warnings(sample_results: Path) -> None:
    summary = summary_of(only_run(sample_results))
    rows = summary["rows"]
    assert summary["status"] == "warned"
    assert rows["read"] == rows["accepted"] + rows["dead"] + rows["duplicate"] + rows["blank"]
    assert min(rows.values()) > 0


def test_a_run_leaves_everything_the_readme_names(sample_results: Path) -> None:
    folder = only_run(sample_results)
    summary = summary_of(folder)
    assert (folder / summary["report"]).stat().st_size < 1_000_000
    assert (folder / "data_docs" / "index.html").is_file()
    assert {folder / path for path in summary["tables"].values()} <= set(folder.rglob("*.csv"))
    assert summary["tables"]


def test_a_run_says_what_each_stage_took(sample_results: Path) -> None:
    summary = summary_of(only_run(sample_results))
    rows = summary["rows"]
    assert list(summary["stage_seconds"]) == list(STAGES)
    assert list(summary["stage_peak_memory_bytes"]) == [*STAGES, "publish"]
    assert summary["stage_bytes"]["ingest"] == sum(file["size_bytes"] for file in summary["files"])
    assert summary["stage_rows"].items() >= {"ingest": rows["read"], "analyze": rows["accepted"]}.items()
    assert summary["stage_rows"]["quarantine"] == rows["dead"]


def test_the_dead_letters_of_a_run_are_in_the_table(sample_results: Path) -> None:
    dead = summary_of(only_run(sample_results))["rows"]["dead"]
    with sqlite3.connect(sample_results / "dead_letters.db") as database:
        assert database.execute("SELECT sum(records) FROM dead_letters").fetchone() == (dead,)


def test_a_second_run_adds_no_dead_letter_and_gives_the_same_tables(sample_results: Path, tmp_path: Path) -> None:
    results = tmp_path / "again"
    shutil.copytree(sample_results, results)
    before = letters_of(results)
    assert main(["--no-server", "--profile", "--results-dir", str(results)]) == 0
    first, second = runs(results)
    assert letters_of(results) == before
    assert tables_of(first) == tables_of(second)
    assert not (first / "profile.html").exists()
    page = (second / "profile.html").read_text(encoding="utf-8")
    assert all(f"<td>{stage}" in page for stage in STAGES)
    assert "validate_batch" in page


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_every_engine_gives_the_same_csv_files(sample_results: Path, tmp_path: Path, engine: str) -> None:
    assert main(["--no-server", "--results-dir", str(tmp_path), "--engine", engine]) == 0
    assert tables_of(only_run(tmp_path)) == tables_of(only_run(sample_results))


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_killed_in_a_stage_and_run_again_ends_as_one_run(
    sample_results: Path, tmp_path: Path, stage: str
) -> None:
    kill_in_stage(stage, tmp_path)
    assert runs(tmp_path) == []
    assert main(["--no-server", "--results-dir", str(tmp_path)]) == 0
    assert tables_of(only_run(tmp_path)) == tables_of(only_run(sample_results))
    assert letters_of(tmp_path) == letters_of(sample_results)


def kill_in_stage(stage: str, results: Path) -> None:
    """Start the command line and kill it, without warning, as soon as its log says that the stage has started."""
    command = [sys.executable, "-m", "flows.main", "--no-server", "--results-dir", str(results)]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            logged = json.loads(line)
            if logged["message"] == "started" and logged.get("stage") == stage:
                process.send_signal(signal.SIGKILL)
                break
        process.wait()
    assert process.returncode == -signal.SIGKILL


def test_a_batch_of_rubbish_is_stopped_and_its_report_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rubbish = tmp_path / "rubbish.csv"
    rubbish.write_text("user_id,session_start,event_type\n" + "x,yesterday,view\n" * 50)
    assert main(["--no-server", "--results-dir", str(tmp_path / "out"), "--input", str(rubbish)]) == 1
    folder = only_run(tmp_path / "out")
    summary = summary_of(folder)
    assert summary["status"] == "stopped"
    assert {name for name in summary["tables"] if not name.startswith("dead_letters")} == set()
    assert summary["rows"]["dead"] == 50
    assert "stopped" in capsys.readouterr().out
    assert "stopped" in (folder / "report.html").read_text(encoding="utf-8").lower()


def test_a_stopped_batch_can_be_forced_and_its_manifest_says_so(tmp_path: Path) -> None:
    source = tmp_path / "half.csv"
    good, bad = "1,2026-09-01 08:00:00,view\n", "2,2026-09-01 09:00:00,unheard_of\n"
    source.write_text("user_id,session_start,event_type\n" + good + bad)
    call = ["--no-server", "--results-dir", str(tmp_path / "out"), "--input", str(source)]
    assert main(call) == 1
    assert main([*call, "--force"]) == 0
    stopped, forced = (summary_of(folder) for folder in runs(tmp_path / "out"))
    assert (stopped["status"], stopped["manifest"]["is_forced"]) == ("stopped", False)
    assert (forced["status"], forced["manifest"]["is_forced"]) == ("warned", True)
    assert forced["gate"]["verdict"] == "stopped"
    assert "session_metrics" in forced["tables"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dataset", "nothing_here"], "there is no dataset 'nothing_here'"),
        (["--input", "no/such/place"], "no/such/place"),
        (["--config", "no_such.yaml"], "no_such.yaml: there is no such file"),
    ],
)
def test_a_wrong_call_is_one_message_and_exit_code_2(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--no-server", "--results-dir", str(tmp_path), *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_an_unknown_key_in_the_config_is_refused_by_name_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "pipeline.yaml"
    config.write_text("dataset: events\nresults_dri: out\n")
    assert main(["--no-server", "--config", str(config)]) == 2
    assert f"{config}:2: results_dri: unknown key" in capsys.readouterr().err


def test_hostile_cells_reach_neither_the_page_nor_a_spreadsheet_alive(tmp_path: Path) -> None:
    hostile = ("<script>alert(1)</script>", "=cmd|' /C calc'!A0")
    source = tmp_path / "hostile.csv"
    frame = pl.DataFrame(
        {
            "user_id": [1, 2, 3, 4],
            "session_start": ["2026-09-01 08:00:00"] * 4,
            "session_end": ["2026-09-01 08:10:00"] * 4,
            "event_type": ["view", "click", *hostile],
            "value": ["1.00"] * 4,
            "metadata": [*hostile, *hostile],
        }
    )
    frame.write_csv(source)
    main(["--no-server", "--results-dir", str(tmp_path / "out"), "--input", str(source)])
    folder = only_run(tmp_path / "out")
    for page in folder.rglob("*.html"):
        assert "<script>alert(1)" not in page.read_text(encoding="utf-8"), page
    for table in folder.rglob("*.csv"):
        cells = pl.read_csv(table, infer_schema=False, has_header=False).to_dict(as_series=False)
        assert not [cell for column in cells.values() for cell in column if cell and cell.startswith("=")], table


def test_a_prefect_server_that_is_away_is_one_message(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows.main", "--results-dir", str(tmp_path)]
    away = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}
    done = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, **away}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1
    assert "the Prefect server cannot be used" in done.stderr
    assert "--no-server" in done.stderr
    assert "Traceback" not in done.stderr
    assert runs(tmp_path) == []


def test_an_engine_that_is_not_installed_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)  # as Python has it where a package is missing
    assert main(["--no-server", "--results-dir", str(tmp_path / "results"), "--engine", "dask"]) == 2
    assert "the package 'dask' is not installed" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_a_run_on_duckdb_ends_with_its_outcome_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows.main", "--no-server", "--results-dir", str(tmp_path), "--engine", "duckdb"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if not line.startswith((" ", "events: warned"))] == []
