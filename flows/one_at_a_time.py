"""Two runs of a dataset never overlap in one results folder, however they were started.

A deployment's concurrency limit knows only that deployment's runs: not a second deployment's, not a command line's.
This is a lock of the operating system on a file in the results folder, which goes with the process that holds it, also
when that process is killed (docs/decisions/0083-one-run-at-a-time.md).
"""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TextIO

_log = logging.getLogger(__name__)
_LOOK_AGAIN_SECONDS = 0.5
_PATIENCE_SECONDS = 6 * 3600.0


class IfBusy(StrEnum):
    """What a run does while another run of its dataset goes on."""

    WAIT = "wait"
    SKIP = "skip"

    @property
    def patience_seconds(self) -> float:
        """How long it waits."""
        return _PATIENCE_SECONDS if self == IfBusy.WAIT else 0.0


class RunInTheWayError(Exception):
    """Another run of the dataset went on for longer than this one was ready to wait."""


@contextmanager
def one_at_a_time(
    results_dir: Path, dataset: str, run_id: str, patience_seconds: float = _PATIENCE_SECONDS
) -> Iterator[None]:
    """Hold the dataset's lock; wait for the run that has it.

    Raises:
        RunInTheWayError: it still has it after `patience_seconds`; says which run.
    """
    path = results_dir / "locks" / f"{dataset}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _acquire(file, dataset, patience_seconds)
        file.truncate(0)
        file.write(run_id)
        file.flush()
        yield  # closing the file gives the lock back


def _acquire(file: TextIO, dataset: str, patience_seconds: float) -> None:
    limit = time.monotonic() + patience_seconds
    is_said = False
    while not _try(file):
        file.seek(0)
        holder = file.read().strip() or "another run"
        if time.monotonic() >= limit:
            waited = f"; this run waited {patience_seconds:,.0f} s" if patience_seconds else ""
            raise RunInTheWayError(f"{holder} of {dataset} is still going{waited}")
        if not is_said:
            _log.info("waiting for %s of %s to end", holder, dataset)
            is_said = True
        time.sleep(_LOOK_AGAIN_SECONDS)


def _try(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
