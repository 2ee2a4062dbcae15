"""Whether a batch is fresh, and of a usual volume: judged before the analysis, as a part of the gate."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import datetime

from expectations.contract import Baseline
from tasks.history.compare import baseline_of
from tasks.history.models import RunMeasures
from tasks.models import GateResult, Verdict

_VERDICTS = {"note": Verdict.PASSED, "warn": Verdict.WARNED, "stop": Verdict.STOPPED}
_ORDER = (Verdict.PASSED, Verdict.WARNED, Verdict.STOPPED)


def judge_arrival(gate: GateResult, reasons: Sequence[str], policy: Baseline) -> GateResult:
    """The gate's result with what `stale` and `unusual_volume` found; never milder than it was."""
    if not reasons:
        return gate
    verdict = max(gate.verdict, _VERDICTS[policy.at_gate], key=_ORDER.index)
    return gate.model_copy(update={"verdict": verdict, "reasons": (*gate.reasons, *reasons)})


def stale(newest: datetime | None, now: datetime, policy: Baseline) -> tuple[str, ...]:
    """Why the batch is too old, in words; nothing where it is not.

    Args:
        newest: when the newest accepted row starts; None where no row says so.
        now: when the run started.
        policy: its `freshness_hours`; without it any age is fresh.
    """
    if policy.freshness_hours is None or newest is None:
        return ()
    age_hours = (now - newest).total_seconds() / 3600
    if age_hours <= policy.freshness_hours:
        return ()
    allowed = f"the contract allows {policy.freshness_hours:g} h"
    return (f"freshness: the newest row was {age_hours:,.1f} h old when the run started, {allowed}",)


def unusual_volume(accepted: int, input_digest: str, past: Sequence[RunMeasures], policy: Baseline) -> tuple[str, ...]:
    """Why the number of accepted rows is unusual, in words; nothing where it is not, or the past is too short.

    Args:
        accepted: rows of this run.
        input_digest: of its files; runs over the same ones are no measure.
        past: earlier runs of the dataset.
        policy: its `volume_share`; without it any number is usual.
    """
    baseline = baseline_of(input_digest, past, policy)
    if policy.volume_share is None or len(baseline) < policy.least_runs:
        return ()
    usual = statistics.median(run.rows.accepted for run in baseline)
    if abs(accepted - usual) <= policy.volume_share * usual:
        return ()
    past_runs = f"the median of the last {len(baseline)} runs is {usual:,.0f}"
    return (f"volume: {accepted:,} rows were accepted, {past_runs}, the contract allows ±{policy.volume_share:.0%}",)
