"""A run held against those before it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.contract import Baseline
from tasks.history.compare import compare_runs, psi
from tasks.history.models import RunMeasures
from tasks.models import Rows

POLICY = Baseline()
FIRST = datetime(2026, 9, 1, 6, tzinfo=UTC)
MIX = {"view": 0.6, "buy": 0.4}


def run(day: int, accepted: int = 1000, **fields: Any) -> RunMeasures:
    dead = fields.pop("dead", 10)
    given_: dict[str, Any] = {
        "run_id": f"r{day}",
        "dataset": "events",
        "status": "passed",
        "started_at": FIRST + timedelta(days=day),
        "finished_at": FIRST + timedelta(days=day),
        "input_digest": f"i{day}",
        "contract_digest": "c",
        "suite_digest": "s",
        "files": 1,
        "rows": Rows(read=accepted + dead, accepted=accepted, dead=dead),
        "totals": {"entities": 100.0, "mean_value": 40.0 + day % 3},
        "shares": {"category": MIX},
    }
    return RunMeasures(**(given_ | fields))


PAST = [run(day, 1000 + 10 * day) for day in range(6)]


def test_the_first_run_has_nothing_to_compare_with() -> None:
    found = compare_runs(run(0), [], POLICY)
    assert (found.previous, found.has_drifted) == (None, False)


def test_an_ordinary_run_has_not_drifted() -> None:
    found = compare_runs(run(9, 1035), PAST, POLICY)
    assert (found.previous, found.baseline_runs, found.is_judged) == ("r5", 6, True)
    assert found.drifted == ()


def test_a_number_far_from_its_median_has_drifted() -> None:
    found = compare_runs(run(9, 400), PAST, POLICY)
    assert {one.name for one in found.drifted} == {"read", "accepted", "rejected_share"}
    (accepted,) = (one for one in found.numbers if one.name == "accepted")
    assert (accepted.before, accepted.median, accepted.history) == (1050, 1025, (1000, 1010, 1020, 1030, 1040, 1050))
    assert accepted.deviations == pytest.approx(-625 / (1.4826 * 15))
    assert accepted.change == pytest.approx(400 / 1050 - 1)


def test_a_changed_mix_has_drifted_and_says_how() -> None:
    found = compare_runs(run(9, shares={"category": {"view": 0.2, "buy": 0.5, "refund": 0.3}}), PAST, POLICY)
    (mix,) = found.shares
    assert mix.has_drifted
    assert (mix.gained, mix.gained_from, mix.gained_to) == ("refund", 0.0, 0.3)
    assert (mix.appeared, mix.vanished) == (("refund",), ())


def test_a_small_batch_may_differ_by_chance() -> None:
    mix = {"view": 0.35, "buy": 0.65}
    assert compare_runs(run(9, 1000, shares={"category": mix}), PAST, POLICY).shares[0].has_drifted
    assert not compare_runs(run(9, 10, shares={"category": mix}), PAST, POLICY).shares[0].has_drifted


def test_too_few_runs_are_no_baseline() -> None:
    found = compare_runs(run(9, 1), PAST[:2], POLICY)
    assert (found.is_judged, found.drifted) == (False, ())
    assert found.numbers[0].before is not None


def test_failing_runs_and_runs_over_the_same_input_stay_out_of_the_baseline() -> None:
    past = [*PAST, run(6, 5, status="failed"), run(7, 5, status="stopped"), run(8, 5, input_digest="i9")]
    past += [run(100 + again, 1050, input_digest="i5") for again in range(5)]  # one input, run over and over
    found = compare_runs(run(200, 1035, input_digest="i9"), past, POLICY)
    assert found.baseline_runs == 6
    assert found.drifted == ()
    assert not found.is_same_input


def test_the_same_input_again() -> None:
    found = compare_runs(run(9, 1050, input_digest="i5"), PAST, POLICY)
    assert (found.is_same_input, found.is_same_rules, found.baseline_runs) == (True, True, 5)


def test_reasons_are_listed_where_they_differ_the_largest_change_first() -> None:
    before = run(5, dead_by_reason={"a": 5, "b": 7, "c": 1})
    found = compare_runs(run(9, dead_by_reason={"a": 5, "b": 2, "d": 9}), [before], POLICY)
    assert list(found.reasons.items()) == [("d", (0, 9)), ("b", (7, 2)), ("c", (1, 0))]


def test_old_data_is_stale_where_the_contract_says_so() -> None:
    now = run(9, last_seen=FIRST + timedelta(days=7))
    assert not compare_runs(now, PAST, POLICY).is_stale
    found = compare_runs(now, PAST, Baseline(freshness_hours=24))
    assert (found.is_stale, found.age_hours) == (True, 48)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_the_index_is_zero_for_equal_and_never_negative(weights: list[float], random: Any) -> None:
    total = sum(weights) or 1.0
    shares = [weight / total for weight in weights]
    other = random.sample(shares, len(shares))
    assert psi(shares, shares) == 0
    assert psi(shares, other) >= 0
    assert psi(shares, other) == pytest.approx(psi(other, shares))
