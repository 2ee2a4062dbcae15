import ctypes
import os
import resource
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
    assert sum(column.size for column in [np.ones(500_000) for _ in range(12)]) == 6_000_000  # 48 MB, let go of
    before = _resident_bytes()
    give_back_what_is_free()
    assert before - _resident_bytes() > 30_000_000


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
