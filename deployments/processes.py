"""Processes that go on after the command that started them, each at most once.

A process holds a lock on its file in the state folder for as long as it lives, however it ends; so whether it runs is
asked of the operating system and not of a number in a file that outlived it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_LOOK_AGAIN_SECONDS = 0.2


class Background(NamedTuple):
    """One process: `<state>/<name>.lock` while it runs, `<name>.pid` to find it, `<name>.log` for what it says."""

    name: str
    state_dir: Path

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.state_dir / f"{self.name}.log"

    def is_running(self) -> bool:
        """Whether it lives."""
        lock = self._lock()
        try:
            return not _try(lock)
        finally:
            os.close(lock)

    def start(self, command: Sequence[str], environ: Mapping[str, str], working_dir: Path) -> bool:
        """Start it unless it runs; whether it was started."""
        lock = self._lock()
        try:
            if not _try(lock):
                return False
            with self.log.open("ab") as output:
                process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                    command,
                    env=dict(environ),
                    cwd=working_dir,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=[lock],  # the lock lives on in the child
                )
            self._pid_file().write_text(str(process.pid))
            return True
        finally:
            os.close(lock)

    def stop(self, patience_seconds: float = 20) -> bool:
        """Ask it to end, make it when it does not; whether it was running."""
        if not self.is_running():
            return False
        group = int(self._pid_file().read_text())
        for sent in (signal.SIGTERM, signal.SIGKILL):
            _signal_group(group, sent)
            limit = time.monotonic() + patience_seconds
            while time.monotonic() < limit:
                if not self.is_running():
                    return True
                time.sleep(_LOOK_AGAIN_SECONDS)
        raise TimeoutError(f"{self.name} (process group {group}) does not end")

    def last_words(self, characters: int = 1500) -> str:
        """The end of its output, for an error message."""
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""

    def _lock(self) -> int:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        return os.open(self.state_dir / f"{self.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def _pid_file(self) -> Path:
        return self.state_dir / f"{self.name}.pid"


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _signal_group(group: int, sent: signal.Signals) -> None:
    try:
        os.killpg(group, sent)
    except ProcessLookupError:  # it ended by itself just now
        return
