from __future__ import annotations

import pytest

from flows.prefect_events import crossed
from tasks.report.facts import RunStatus
from tasks.settings import AlertSettings
from tests.unit.alerts.summaries import summary


@pytest.mark.parametrize(
    ("status", "limit", "events"),
    [
        ("passed", None, []),
        ("passed", 0.25, []),  # 250 of 1,000: not over
        ("passed", 0.24, ["sluice.rejected-share.exceeded"]),
        ("warned", None, ["sluice.gate.warned"]),
        ("stopped", 0.0, ["sluice.gate.stopped", "sluice.rejected-share.exceeded"]),
    ],
)
def test_what_was_crossed(status: RunStatus, limit: float | None, events: list[str]) -> None:
    assert list(crossed(summary(status), AlertSettings(rejected_share_over=limit))) == events


def test_drift_is_one_event_however_much_drifted() -> None:
    drifted = summary("passed").model_copy(update={"drifted": ("a", "b")})

    assert list(crossed(drifted, AlertSettings())) == ["sluice.drift.exceeded"]
