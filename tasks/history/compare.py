"""A run held against the run before it and against the baseline of past runs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from expectations.contract import Baseline
from tasks.history.models import Comparison, NumberChange, RunMeasures, ShareChange

# A median absolute deviation, times this, estimates the standard deviation of normally distributed values.
_MAD_TO_DEVIATION = 1.4826
# Past runs can be exactly alike: a change of one per cent of the median is then one deviation.
_LEAST_RELATIVE, _LEAST_SHARE = 0.01, 0.001
_EMPTY_SHARE = 1e-4  # stands for none in the index, whose logarithm knows no zero


def compare_runs(now: RunMeasures, past: Sequence[RunMeasures], policy: Baseline) -> Comparison:
    """Compare a run with those before it.

    Args:
        now: the run.
        past: earlier runs of the dataset, in any order, with any status. Runs that were not let through, runs over the
            same input as this one, and all but the last of several runs over one input are no part of the baseline.
        policy: the contract's baseline.
    """
    through = [one for one in _by_time(past) if one.was_let_through and one.run_id != now.run_id]
    previous = through[-1] if through else None
    if previous is None:
        return Comparison(previous=None, previous_at=None)
    baseline = baseline_of(now.input_digest, through, policy)
    is_judged = len(baseline) >= policy.least_runs and now.was_let_through
    found = _compare(now, previous, baseline, policy if is_judged else None)
    is_stale = policy.freshness_hours is not None and (found.age_hours or 0.0) > policy.freshness_hours
    return found.model_copy(update={"is_stale": is_stale})


def compare_two(before: RunMeasures, now: RunMeasures) -> Comparison:
    """Compare any two runs, whatever became of them; nothing is called drift."""
    return _compare(now, before, [], None)


def _compare(
    now: RunMeasures, previous: RunMeasures, baseline: Sequence[RunMeasures], policy: Baseline | None
) -> Comparison:
    age = None if now.last_seen is None else (now.started_at - now.last_seen).total_seconds() / 3600
    return Comparison(
        previous=previous.run_id,
        previous_at=previous.started_at,
        is_same_input=previous.input_digest == now.input_digest,
        is_same_rules=(previous.contract_digest, previous.suite_digest) == (now.contract_digest, now.suite_digest),
        baseline_runs=len(baseline),
        is_judged=policy is not None,
        numbers=_compare_numbers(now, previous, baseline, policy.deviations if policy else math.inf),
        shares=_compare_shares(now, baseline if policy else [previous], policy.psi if policy else math.inf),
        reasons=_compare_reasons(previous.dead_by_reason, now.dead_by_reason),
        age_hours=age,
    )


def _by_time(runs: Sequence[RunMeasures]) -> list[RunMeasures]:
    return sorted(runs, key=lambda run: (run.started_at, run.run_id))


def baseline_of(input_digest: str, past: Sequence[RunMeasures], policy: Baseline) -> list[RunMeasures]:
    """The runs that a run over some input is held against: let through, over other input, the last over each."""
    through = [run for run in _by_time(past) if run.was_let_through]
    last_of_input = {run.input_digest: run for run in through if run.input_digest != input_digest}
    return _by_time(list(last_of_input.values()))[-policy.runs :]


def _compare_numbers(
    now: RunMeasures, previous: RunMeasures, baseline: Sequence[RunMeasures], limit: float
) -> tuple[NumberChange, ...]:
    changes = []
    for name, value in now.numbers.items():
        history = tuple(run.numbers[name] for run in baseline if name in run.numbers)
        median = statistics.median(history) if history else None
        deviations = None if median is None else (value - median) / _deviation(name, history, median)
        changes.append(
            NumberChange(
                name=name,
                now=value,
                before=previous.numbers.get(name),
                median=median,
                deviations=deviations,
                history=history,
                has_drifted=deviations is not None and abs(deviations) >= limit,
            )
        )
    return tuple(changes)


def _deviation(name: str, history: Sequence[float], median: float) -> float:
    """The robust deviation of past values, never so small that noise would count as drift."""
    mad = statistics.median(abs(value - median) for value in history)
    is_share = name.endswith("_share") or name.startswith("missing.")
    least = _LEAST_SHARE if is_share else _LEAST_RELATIVE * abs(median)
    return max(_MAD_TO_DEVIATION * mad, least, 1e-9)


def _compare_shares(now: RunMeasures, past: Sequence[RunMeasures], limit: float) -> tuple[ShareChange, ...]:
    changes = []
    for name, shares in now.shares.items():
        earlier = [run.shares[name] for run in past if name in run.shares]
        if earlier:
            counted = sum(run.rows.accepted for run in past if name in run.shares)
            chance = _psi_by_chance(len({*shares, *earlier[0]}), now.rows.accepted, counted)
            changes.append(_compare_distribution(name, shares, _mean_shares(earlier), limit + chance))
    return tuple(changes)


def _mean_shares(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = {name for shares in runs for name in shares}
    return {name: statistics.fmean(shares.get(name, 0.0) for shares in runs) for name in sorted(names)}


def _compare_distribution(
    name: str, now: Mapping[str, float], before: Mapping[str, float], limit: float
) -> ShareChange:
    values = sorted({*now, *before})
    index = psi([before.get(value, 0.0) for value in values], [now.get(value, 0.0) for value in values])
    gained = max(values, key=lambda value: now.get(value, 0.0) - before.get(value, 0.0), default=None)
    appeared = sorted((value for value in now if not before.get(value)), key=lambda value: -now[value])
    vanished = sorted((value for value in before if before[value] and not now.get(value)), key=lambda v: -before[v])
    return ShareChange(
        name=name,
        psi=index,
        gained=gained,
        gained_from=before.get(gained, 0.0) if gained is not None else 0.0,
        gained_to=now.get(gained, 0.0) if gained is not None else 0.0,
        appeared=tuple(value for value in appeared if now[value]),
        vanished=tuple(vanished),
        has_drifted=index >= limit,
    )


def psi(before: Sequence[float], now: Sequence[float]) -> float:
    """The population stability index of two distributions over the same values: 0 for equal ones."""
    pairs = [(max(one, _EMPTY_SHARE), max(other, _EMPTY_SHARE)) for one, other in zip(before, now, strict=True)]
    return math.fsum((q - p) * math.log(q / p) for p, q in pairs)


def _psi_by_chance(values: int, now: int, before: int) -> float:
    """The index that two samples of one distribution have on average: small batches differ by chance."""
    return max(values - 1, 0) * (1 / max(now, 1) + 1 / max(before, 1))


def _compare_reasons(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    names = sorted({*before, *now}, key=lambda name: (-abs(now.get(name, 0) - before.get(name, 0)), name))
    found = {name: (before.get(name, 0), now.get(name, 0)) for name in names}
    return {name: counts for name, counts in found.items() if counts[0] != counts[1]}
