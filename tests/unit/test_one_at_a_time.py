from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flows.one_at_a_time import RunInTheWayError, one_at_a_time

HOLD = """
import sys, time
from pathlib import Path
from flows.one_at_a_time import one_at_a_time
with one_at_a_time(Path(sys.argv[1]), "events", "first"):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(results_dir: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(results_dir)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_run_names_the_first_when_its_patience_ends(tmp_path: Path) -> None:
    first = holder(tmp_path)
    try:
        with (
            pytest.raises(RunInTheWayError, match="first of events is still going"),
            one_at_a_time(tmp_path, "events", "second", patience_seconds=0),
        ):
            pytest.fail("two runs at once")
    finally:
        first.kill()
        first.communicate()


def test_a_killed_run_leaves_the_way_free(tmp_path: Path) -> None:
    first = holder(tmp_path)
    first.send_signal(signal.SIGKILL)
    first.communicate()

    with one_at_a_time(tmp_path, "events", "second", patience_seconds=0):
        assert (tmp_path / "locks" / "events.lock").read_text() == "second"


def test_other_datasets_and_other_folders_are_not_in_the_way(tmp_path: Path) -> None:
    with (
        one_at_a_time(tmp_path, "events", "a", patience_seconds=0),
        one_at_a_time(tmp_path, "flights", "b", patience_seconds=0),
        one_at_a_time(tmp_path / "other", "events", "c", patience_seconds=0),
    ):
        pass


def test_runs_that_wait_go_one_after_the_other(tmp_path: Path) -> None:
    going: list[str] = []
    most: list[int] = []

    def run(name: str) -> None:
        with one_at_a_time(tmp_path, "events", name):
            going.append(name)
            most.append(len(going))
            time.sleep(0.02)
            going.remove(name)

    threads = [threading.Thread(target=run, args=(str(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1, 1, 1]
