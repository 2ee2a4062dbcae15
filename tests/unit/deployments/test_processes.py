from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.processes import Background

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Background]:
    made = Background("server", tmp_path / "state")
    yield made
    made.stop(patience_seconds=0.3)


def wait_until_up(process: Background) -> None:
    limit = time.monotonic() + 20
    while "up" not in process.last_words() and time.monotonic() < limit:
        time.sleep(0.02)


def test_a_second_start_finds_the_first(process: Background, tmp_path: Path) -> None:
    assert not process.is_running()
    assert process.start(SLEEP, os.environ, tmp_path)
    assert not process.start(SLEEP, os.environ, tmp_path)
    assert process.is_running()


def test_it_can_be_stopped_and_started_again(process: Background, tmp_path: Path) -> None:
    process.start(SLEEP, os.environ, tmp_path)

    assert process.stop()
    assert not process.is_running()
    assert not process.stop()
    assert process.start(SLEEP, os.environ, tmp_path)


def test_one_that_does_not_listen_is_killed(process: Background, tmp_path: Path) -> None:
    process.start(STUBBORN, os.environ, tmp_path)
    wait_until_up(process)

    assert process.stop(patience_seconds=0.3)
    assert not process.is_running()


def test_one_that_was_killed_is_seen_to_be_gone(process: Background, tmp_path: Path) -> None:
    process.start(SLEEP, os.environ, tmp_path)
    wait_until_up(process)

    os.killpg(int((tmp_path / "state" / "server.pid").read_text()), signal.SIGKILL)
    os.wait()

    assert not process.is_running()
    assert process.start(SLEEP, os.environ, tmp_path)


def test_its_output_is_kept(process: Background, tmp_path: Path) -> None:
    process.start(SLEEP, os.environ, tmp_path)
    wait_until_up(process)

    assert process.last_words() == "up\n"
