"""What a stage took: seconds, and the most memory the process held meanwhile."""

from __future__ import annotations

import re
import time
from pathlib import Path

_CLEAR_REFS = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"  # man 5 proc: the peak counts anew from here
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class StageClock:
    """Started when it is made; what it says is of the time since."""

    def __init__(self) -> None:
        self._can_measure = _reset_peak_memory()
        self._started = time.perf_counter()

    def seconds(self) -> float:
        """On the clock."""
        return time.perf_counter() - self._started

    def peak_memory_bytes(self) -> int | None:
        """Most memory that was resident; None where the system does not say."""
        found = _PEAK.search(_STATUS.read_text()) if self._can_measure else None
        return None if found is None else 1024 * int(found[1])


def _reset_peak_memory() -> bool:
    try:
        _CLEAR_REFS.write_text(_RESET_PEAK)
    except OSError:  # no Linux, or a container that does not allow it
        return False
    return True
