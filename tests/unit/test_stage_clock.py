from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from flows.stage_clock import StageClock

MEGABYTE = 2**20


def test_a_peak_counts_for_the_stage_it_fell_into() -> None:
    # In a process of its own, where nothing that other tests left free goes back to the system meanwhile.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        before, during, after = pool.submit(peaks).result()
    if before is None or during is None or after is None:
        pytest.skip("this system does not say how much memory a process had")
    assert during > before + 150 * MEGABYTE
    assert after < during - 150 * MEGABYTE


def peaks() -> tuple[int | None, int | None, int | None]:
    before, clock = StageClock().peak_memory_bytes(), StageClock()
    held = bytearray(200 * MEGABYTE)
    held[::4096] = b"x" * len(held[::4096])
    during = clock.peak_memory_bytes()
    del held
    return before, during, StageClock().peak_memory_bytes()


def test_seconds_go_on() -> None:
    clock = StageClock()
    assert 0 <= clock.seconds() <= clock.seconds()
