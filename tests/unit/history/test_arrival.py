"""A batch is judged by its age and its size before it is analysed."""

from datetime import timedelta

import pytest

from expectations.contract import Baseline
from tasks.history.arrival import judge_arrival, stale, unusual_volume
from tasks.models import GateResult, Verdict
from tests.unit.history.test_compare import FIRST, PAST, run

NOW = FIRST + timedelta(days=9)


def test_a_row_may_be_as_old_as_the_contract_says() -> None:
    policy = Baseline(freshness_hours=24)
    assert stale(NOW - timedelta(hours=24), NOW, policy) == ()
    (why,) = stale(NOW - timedelta(hours=25), NOW, policy)
    assert "25.0 h old" in why
    assert stale(NOW - timedelta(days=900), NOW, Baseline()) == stale(None, NOW, policy) == ()


def test_volume_is_held_against_the_median_of_other_input() -> None:
    policy = Baseline(volume_share=0.5)  # the median of the past is 1,025
    assert unusual_volume(1537, "new", PAST, policy) == unusual_volume(513, "new", PAST, policy) == ()
    assert len(unusual_volume(1538, "new", PAST, policy)) == len(unusual_volume(512, "new", PAST, policy)) == 1
    assert unusual_volume(1, "new", PAST[:2], policy) == unusual_volume(1, "new", PAST, Baseline()) == ()


def test_runs_that_were_not_let_through_are_no_measure() -> None:
    stopped = [run(day, 5, status="stopped") for day in range(10, 30)]
    assert unusual_volume(1000, "new", [*PAST, *stopped], Baseline(volume_share=0.1)) == ()


@pytest.mark.parametrize(
    ("before", "at_gate", "after"),
    [
        (Verdict.PASSED, "note", Verdict.PASSED),
        (Verdict.PASSED, "warn", Verdict.WARNED),
        (Verdict.WARNED, "stop", Verdict.STOPPED),
        (Verdict.STOPPED, "warn", Verdict.STOPPED),
    ],
)
def test_a_verdict_never_gets_milder(before: Verdict, at_gate: str, after: Verdict) -> None:
    policy = Baseline.model_validate({"at_gate": at_gate})
    judged = judge_arrival(GateResult(verdict=before, reasons=("one",)), ["two"], policy)
    assert (judged.verdict, judged.reasons) == (after, ("one", "two"))
    assert judge_arrival(judged, [], policy) is judged
