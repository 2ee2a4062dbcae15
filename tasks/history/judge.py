"""What drift does to a run's status, by the contract's policy."""

from __future__ import annotations

from typing import Literal, NamedTuple

from expectations.contract import Baseline
from tasks.history.models import Comparison

Status = Literal["passed", "warned", "stopped", "failed"]
_ORDER: tuple[Status, ...] = ("passed", "warned", "stopped", "failed")
_LEAST: dict[str, Status] = {"note": "passed", "warn": "warned", "stop": "stopped"}


class Judged(NamedTuple):
    """A run's status after drift was looked at, and why it is not the gate's."""

    status: Status
    reasons: tuple[str, ...]


def judge_drift(status: Status, comparison: Comparison, policy: Baseline) -> Judged:
    """Raise a status where there is drift and the contract asks for it; never lower it."""
    least = _LEAST[policy.on_drift]
    if not comparison.has_drifted or _ORDER.index(status) >= _ORDER.index(least):
        return Judged(status, ())
    what = ", ".join(one.name for one in comparison.drifted)
    return Judged(least, (f"drift against past runs: {what}",))
