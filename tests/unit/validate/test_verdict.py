"""The verdict, case by case."""

import pytest

from expectations.contract import Limits
from tasks.models import Rows, RuleResult, Verdict
from tasks.validate.verdict import decide

ROWS = Rows(read=100, accepted=95, dead=4, blank=1)
LIMITS = Limits(rejected_share=0.05, rejected_rows=10, dead_files=0)


def rule(severity: str, *, is_met: bool = False, error: str | None = None) -> RuleResult:
    return RuleResult(
        rule_id="r",
        expectation_type="t",
        columns=("c",),
        severity=severity,
        is_met=is_met,
        sentence="c is good",
        error=error,
    )


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ([], Verdict.PASSED),
        ([rule("critical", is_met=True)], Verdict.PASSED),
        ([rule("info")], Verdict.PASSED),
        ([rule("warning"), rule("info")], Verdict.WARNED),
        ([rule("warning"), rule("critical")], Verdict.STOPPED),
        ([rule("info", error="no such function")], Verdict.STOPPED),
    ],
)
def test_the_worst_failed_severity_decides(rules: list[RuleResult], verdict: Verdict) -> None:
    assert decide(rules, ROWS, {}, (), LIMITS).verdict == verdict


@pytest.mark.parametrize(
    ("rows", "dead_files", "said"),
    [
        (Rows(read=100, accepted=94, dead=6), (), "6.00% of the records are dead, the contract allows 5.00%"),
        (Rows(read=1000, accepted=989, dead=11), (), "11 records are dead, the contract allows 10"),
        (ROWS, ("a.csv: the file is empty",), "1 file could not be landed, the contract allows 0"),
    ],
)
def test_past_a_limit_the_batch_stops(rows: Rows, dead_files: tuple[str, ...], said: str) -> None:
    decision = decide([], rows, {}, dead_files, LIMITS)
    assert decision.verdict == Verdict.STOPPED
    assert said in decision.reasons[0]


def test_at_a_limit_the_batch_goes_on() -> None:
    assert decide([], Rows(read=101, accepted=95, dead=5, blank=1), {}, (), LIMITS).verdict == Verdict.PASSED


def test_a_dead_file_within_the_limit_warns() -> None:
    decision = decide([], ROWS, {}, ("a.csv: the file is empty",), Limits())
    assert decision == (Verdict.WARNED, ("could not be landed: a.csv: the file is empty",))


def test_of_many_dead_files_the_first_are_named() -> None:
    reasons = decide([], ROWS, {}, [f"{number}.csv: why" for number in range(7)], Limits()).reasons
    assert reasons[4:] == ("could not be landed: 4.csv: why", "2 files more could not be landed")


def test_blank_records_do_not_thin_the_share() -> None:
    rows = Rows(read=110, accepted=9, dead=1, blank=100)
    assert decide([], rows, {}, (), Limits(rejected_share=0.09)).verdict == Verdict.STOPPED


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            Limits(file_rejected_share=0.03),
            "4.04% of the records of a.csv are dead, the contract allows 3.00% of a file",
        ),
        (Limits(file_rejected_rows=3), "4 records of a.csv are dead, the contract allows 3 of a file"),
    ],
)
def test_one_file_past_its_limit_stops_the_batch(limits: Limits, said: str) -> None:
    batch = Rows(read=1100, accepted=1095, dead=4, blank=1)
    decision = decide([], batch, {"a.csv": ROWS, "b.csv": Rows(read=1000, accepted=1000)}, (), limits)
    assert decision == (Verdict.STOPPED, (f"limit: {said}",))


def test_a_file_at_its_limit_goes_on() -> None:
    assert decide([], ROWS, {"a.csv": ROWS}, (), Limits(file_rejected_rows=4)).verdict == Verdict.PASSED
