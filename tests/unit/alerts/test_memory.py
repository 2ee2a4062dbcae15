from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.alerts.alert import Alert, Condition, Rule, RunFailure, conditions_of_run
from tasks.alerts.memory import Told, decide, open_memory
from tasks.settings import AlertSettings, Outcome
from tests.unit.alerts.summaries import summary

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAILY = AlertSettings(repeat_after_hours=24)


def wrong(kind: str = "stopped", run_id: str | None = None) -> Condition:
    alert = Alert(dataset="events", rule=Rule.RUN, kind=kind, subject="s", sentences=("x",), run_id=run_id)
    return Condition(dataset="events", rule=Rule.RUN, alert=alert, run_id=run_id)


WELL = Condition(dataset="events", rule=Rule.RUN)


def told_at(*moments: tuple[float, Condition], settings: AlertSettings = DAILY) -> list[str | None]:
    """What is sent at which hour, run after run: the kind of the alert, or None."""
    told: Told | None = None
    sent: list[str | None] = []
    for hours, condition in moments:
        decision = decide(condition, told, NOW + timedelta(hours=hours), settings)
        told = decision.remember
        sent.append(decision.alert.kind if decision.alert else None)
    return sent


def test_what_stays_wrong_is_told_once_a_day() -> None:
    every_six_hours = [(hours, wrong()) for hours in range(0, 60, 6)]

    assert told_at(*every_six_hours) == ["stopped", None, None, None, "stopped", None, None, None, "stopped", None]


def test_a_change_for_the_worse_or_the_better_is_told_at_once() -> None:
    assert told_at((0, wrong("stopped")), (1, wrong("failed")), (2, wrong("failed")), (3, WELL), (4, WELL)) == [
        "stopped",
        "failed",
        None,
        "recovered",
        None,
    ]


def test_what_was_never_wrong_does_not_recover() -> None:
    assert told_at((0, WELL), (1, WELL)) == [None, None]


def test_a_recovery_is_not_said_where_nobody_wants_it() -> None:
    assert told_at((0, wrong()), (1, WELL), (2, wrong()), settings=AlertSettings(recovery=False)) == [
        "stopped",
        None,
        "stopped",
    ]


def test_a_crash_told_by_the_hook_and_by_the_automation_is_one() -> None:
    told = decide(wrong("crashed", "r-1"), None, NOW, AlertSettings(repeat_after_hours=0)).remember
    again = decide(wrong("crashed", "r-1"), told, NOW, AlertSettings(repeat_after_hours=0))

    assert again.alert is None
    assert again.remember is not None
    assert again.remember.times == 1


def test_a_repeat_and_a_recovery_say_how_often_and_since_when() -> None:
    told: Told | None = None
    for hours in range(25):
        decision = decide(wrong(), told, NOW + timedelta(hours=hours), DAILY)
        told = decision.remember

    assert decision.alert is not None
    assert decision.alert.sentences[-1] == "It was seen to be wrong 25 times since 2026-11-22 12:00 UTC."
    recovery = decide(WELL, told, NOW + timedelta(hours=26), DAILY).alert
    assert recovery is not None
    assert "25 times since 2026-11-22 12:00 UTC" in recovery.sentences[1]
    assert recovery.is_good


@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["stopped", "failed", "well"])), max_size=30))
def test_every_spell_of_trouble_is_told_and_ended_exactly_once_each(runs: list[tuple[int, str]]) -> None:
    """Whatever the order: a recovery always follows something told, and no trouble stays silent longer than a day."""
    told: Told | None = None
    last_told: datetime | None = None
    for hour, kind in sorted(runs, key=lambda run: run[0]):
        now = NOW + timedelta(hours=hour)
        decision = decide(WELL if kind == "well" else wrong(kind), told, now, DAILY)
        if kind == "well":
            assert (decision.alert is not None) == (last_told is not None)
            last_told = None
        elif decision.alert is not None:
            last_told = now
        else:
            assert last_told is not None
            assert now - last_told < timedelta(hours=24)
        told = decision.remember


def test_memory_is_kept_and_a_damaged_file_forgets(tmp_path: Path) -> None:
    entry = Told(kind="stopped", since=NOW, told_at=NOW)
    with open_memory(tmp_path, "events") as memory:
        memory[Rule.RUN] = entry
    with open_memory(tmp_path, "events") as memory:
        assert memory == {Rule.RUN: entry}
    (tmp_path / "alerts" / "events.json").write_text("{")
    with open_memory(tmp_path, "events") as memory:
        assert memory == {}


def conditions(status: str, **settings: object) -> dict[Rule, str | None]:
    asked = AlertSettings.model_validate(settings)
    run = (
        RunFailure(run_id="r", dataset="events", stage="s", what="w", outcome=Outcome(status))
        if status in ("crashed", "timed_out")
        else summary(status)  # type: ignore[arg-type]
    )
    return {one.rule: one.alert.kind if one.alert else None for one in conditions_of_run(run, asked, Path("/out"))}


@pytest.mark.parametrize(
    ("status", "outcomes", "expected"),
    [
        ("passed", ["failed"], {Rule.RUN: None, Rule.DRIFT: None}),
        ("warned", ["failed"], {Rule.RUN: None, Rule.DRIFT: None}),
        ("warned", ["warned"], {Rule.RUN: "warned", Rule.DRIFT: None}),
        ("stopped", ["failed"], {}),  # bad, but nobody wants to hear of it: neither trouble nor a recovery
        ("failed", ["failed"], {Rule.RUN: "failed"}),
        ("crashed", ["crashed"], {Rule.RUN: "crashed"}),
        ("timed_out", ["failed"], {}),
    ],
)
def test_which_outcome_is_trouble(status: str, outcomes: list[str], expected: dict[Rule, str | None]) -> None:
    assert conditions(status, outcomes=outcomes) == expected


@pytest.mark.parametrize(("limit", "expected"), [(0.2, "over"), (0.25, None), (0.9, None)])
def test_a_quarter_rejected_is_told_where_less_is_the_limit(limit: float, expected: str | None) -> None:
    assert conditions("passed", rejected_share_over=limit)[Rule.REJECTED] == expected


def test_drift_is_told_by_the_names_of_what_drifted() -> None:
    run = summary("warned").model_copy(update={"drifted": ("rows_read", "value_mean")})

    told = conditions_of_run(run, AlertSettings(), Path("/out"))[-1]

    assert told.alert is not None
    assert told.alert.subject == "Sluice: events has drifted in 2 measures"
    assert ("drifted", "value_mean") in told.alert.facts
    assert conditions_of_run(run, AlertSettings(drift=False), Path("/out"))[-1].rule != Rule.DRIFT
