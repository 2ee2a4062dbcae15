"""Runs of one dataset never overlap, whoever starts them: two command lines at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.main import main

PROJECT = Path(__file__).resolve().parents[2]
ROWS = "user_id,session_start,session_end,event_type,value,metadata\n" + "".join(
    f"{user},2026-01-0{1 + user % 9} 08:00:00,2026-01-0{1 + user % 9} 09:00:00,view,1.50,\n" for user in range(1, 40)
)


@pytest.fixture
def call(tmp_path: Path) -> list[str]:
    (tmp_path / "a.csv").write_text(ROWS)
    return ["--no-server", "--input", str(tmp_path / "a.csv"), "--results-dir", str(tmp_path / "out")]


def lines_of(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def test_a_second_run_is_skipped_or_waits_as_it_was_asked(
    call: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "flows.main", *call]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as first:
        lines = lines_of(first)
        run_id = next(line["run_id"] for line in lines if line.get("stage") == "ingest")

        assert main([*call, "--if-busy", "skip"]) == 0
        assert f"sluice: not run: {run_id} of events is still going" in capsys.readouterr().err
        assert main(call) == 0
        own = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        theirs = list(lines)

    assert first.returncode == 0
    assert own[0]["message"] == f"waiting for {run_id} of events to end"
    began = next(line for line in own if line["message"] == "started")
    assert datetime.fromisoformat(theirs[-1]["timestamp"]) <= datetime.fromisoformat(began["timestamp"])
    assert len(list((tmp_path / "out").glob("*/summary.json"))) == 2
