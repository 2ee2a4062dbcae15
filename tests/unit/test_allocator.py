import ctypes
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from flows.allocator import give_back_what_is_free, keep_room_for_blocks

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def _take_a_block() -> int:
    """How many bytes of fresh pages some arrays took, which are let go of again."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    columns = [np.ones(200_000) for _ in range(8)]
    assert sum(map(len, columns)) == 1_600_000
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) * _PAGE_BYTES


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="only glibc can be told so")
def test_a_block_finds_the_room_of_the_one_before() -> None:
    keep_room_for_blocks()
    _take_a_block()
    assert _take_a_block() < 1_000_000


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc can be told so")
def test_what_a_stage_leaves_free_goes_back_to_the_system() -> None:
    keep_room_for_blocks()
    give_back_what_is_free()  # with what was free before, so much might go back by itself
    assert sum(column.size for column in [np.ones(500_000) for _ in range(12)]) == 6_000_000  # 48 MB, let go of
    before = _resident_bytes()
    give_back_what_is_free()
    assert before - _resident_bytes() > 30_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="Arrow's packages for other systems may have no jemalloc")
def test_arrow_allocates_by_jemalloc_unless_somebody_chose() -> None:
    code = "import flows, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    assert {_said(code, {}), _said(code, {"ARROW_DEFAULT_MEMORY_POOL": "system"})} == {"jemalloc", "system"}


def _said(code: str, chosen: dict[str, str]) -> str:
    others = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    done = subprocess.run([sys.executable, "-c", code], env=others | chosen, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout.strip()


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
