from __future__ import annotations

import pytest

from flows.stage_clock import StageClock

MEGABYTE = 2**20


def test_a_peak_counts_for_the_stage_it_fell_into() -> None:
    before, clock = peak(StageClock()), StageClock()
    held = bytearray(200 * MEGABYTE)
    held[::4096] = b"x" * len(held[::4096])
    during = peak(clock)
    del held
    after = peak(StageClock())

    # Half of it, since meanwhile what earlier tests left free may go back to the system.
    assert during > before + 100 * MEGABYTE
    assert after < during - 100 * MEGABYTE


def peak(clock: StageClock) -> int:
    found = clock.peak_memory_bytes()
    if found is None:
        pytest.skip("this system does not say how much memory a process had")
    return found


def test_seconds_go_on() -> None:
    clock = StageClock()
    assert 0 <= clock.seconds() <= clock.seconds()
