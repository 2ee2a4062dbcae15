"""A replay killed between every two of its steps by a real SIGKILL: run again, it ends as one never killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from .replay_bench import Bench, summary_of
from .replay_killer import replay

PROJECT = Path(__file__).resolve().parents[2]
# The steps of a replay and of the restatement it owes, in their order; the process dies right after each.
STEPS = (
    ("flows.replay", "load_waiting"),
    ("flows.replay", "plan_replay"),
    ("flows.replay", "try_letters"),
    ("tasks.dead_letters.store", "DeadLetterStore.record_replay"),
    ("flows.pipeline", "take_releases"),
    ("flows.plain_stages", "PlainStages.validate"),
    ("tasks.dead_letters.pending", "note"),
    ("tasks.dead_letters.store", "DeadLetterStore.add"),
    ("flows.pipeline", "quarantine"),
    ("flows.plain_stages", "PlainStages.analyze"),
    ("flows.pipeline", "keep_record"),
    ("flows.restate", "run_pipeline"),
    ("flows.restate", "write_differences"),
    ("tasks.dead_letters.store", "DeadLetterStore.finish_restatement"),
)


@pytest.fixture(scope="module")
def template() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.flows.replay_killer"]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=PROJECT) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def ended_by(template: subprocess.Popen[str], *asked: str) -> int:
    """The signal that ended a child doing what is asked."""
    assert template.stdin is not None
    assert template.stdout is not None
    template.stdin.write(json.dumps(asked) + "\n")
    template.stdin.flush()
    return os.WTERMSIG(next(int(line) for line in template.stdout if line.strip().isdigit()))


def end_state(bench: Bench) -> dict[str, Any]:
    """Everything a replay leaves that does not name a time or a place."""
    (original,) = (run_id for run_id in bench.run_ids() if "-v" not in run_id)
    version = f"{original}-v2"
    tables = {path.name: path.read_bytes() for path in sorted((bench.results / version / "tables").glob("*.csv"))}
    differences = json.loads((bench.results / version / "differences.json").read_text())
    return {
        "runs": bench.run_ids(),
        "letters": bench.letters(),
        "seen": bench.ask("SELECT id, first_run, last_run FROM dead_letters ORDER BY id"),
        "releases": bench.ask("SELECT letter_key, repair, raw FROM dead_letter_release ORDER BY letter_key"),
        "owed": bench.ask("SELECT count(*) FROM dead_letter_restatement WHERE finished_at IS NULL"),
        "unfinished": bench.ask("SELECT count(*) FROM dead_letter_replay WHERE finished_at IS NULL"),
        "waiting": list((bench.store.root / "pending").glob("*")),
        "rows": summary_of(bench, version)["rows"],
        "restates": bench.record(version).restates,
        "tables": tables,
        "differences": differences,
    }


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with dead letters that can be mended, and some that cannot."""
    folder = tmp_path_factory.mktemp("batch")
    bench = Bench(folder)
    bench.generate("a.csv", "decimal_comma=0.05 bad_number=0.05 unknown_event=0.05", rows=200)
    bench.run()
    return folder


@pytest.fixture(scope="module")
def clean(batch: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    bench = copy_of(batch, tmp_path_factory.mktemp("clean"))
    replay(bench)
    state = end_state(bench)
    assert state["owed"] == state["unfinished"] == [(0,)]
    assert state["waiting"] == []
    return state


def copy_of(batch: Path, folder: Path) -> Bench:
    shutil.copytree(batch, folder, dirs_exist_ok=True)
    return Bench(folder)


@pytest.mark.parametrize("step", STEPS, ids=[name for _, name in STEPS])
def test_a_killed_replay_ends_like_a_clean_one(
    batch: Path, clean: dict[str, Any], template: subprocess.Popen[str], tmp_path: Path, step: tuple[str, str]
) -> None:
    bench = copy_of(batch, tmp_path)
    assert ended_by(template, str(tmp_path), *step) == signal.SIGKILL
    replay(bench)
    ended = end_state(bench)
    assert {part: ended[part] for part in clean if ended[part] != clean[part]} == {}
