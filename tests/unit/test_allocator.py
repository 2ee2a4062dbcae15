import ctypes
import os
import resource

import numpy as np
import pytest

from flows.allocator import keep_room_for_blocks

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
