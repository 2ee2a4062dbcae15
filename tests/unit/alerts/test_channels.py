"""Webhooks and Apprise against a real web server on this machine, and several channels at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.alerts.send import Delivery, send_alerts
from tasks.settings import AlertSettings, AppriseSettings, RetrySettings, Settings, WebhookSettings
from tests.unit.alerts.smtp_sink import free_port
from tests.unit.alerts.summaries import summary
from tests.unit.alerts.web_hook import Hook, listening


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with listening() as server:
        monkeypatch.setenv("SLUICE_WEBHOOK_URL", f"http://{server.address}/secret-path")
        monkeypatch.setenv("SLUICE_APPRISE_URLS", f"json://{server.address}/")
        yield server


def settings(tmp_path: Path, **channels: Any) -> Settings:
    retries = RetrySettings(attempts=3, first_delay_seconds=0.01, jitter=0)
    return Settings(results_dir=tmp_path, alerts=AlertSettings(retries=retries, **channels))


def test_a_webhook_gets_text_for_people_and_fields_for_programs(hook: Hook, tmp_path: Path) -> None:
    assert send_alerts(summary("stopped"), settings(tmp_path, webhook=WebhookSettings())) == [Delivery("webhook", True)]

    (body,) = hook.posted
    assert body.items() >= {"dataset": "events", "rule": "run", "kind": "stopped", "run_id": "r-1"}.items()
    assert "The gate stopped the batch of events" in body["text"]
    assert "Report: " in body["text"]


def test_a_server_error_is_tried_again_and_a_refusal_is_not(hook: Hook, tmp_path: Path) -> None:
    asked = settings(tmp_path, webhook=WebhookSettings())

    hook.answers = [500, 503]
    assert send_alerts(summary("stopped", "r-1"), asked) == [Delivery("webhook", True)]
    hook.answers = [404, 404]
    (refused,) = send_alerts(summary("failed", "r-2"), asked)

    assert len(hook.posted) == 1
    assert not refused.is_sent
    assert hook.answers == [404]


def test_a_webhook_that_stays_down_costs_no_run_and_its_address_is_not_logged(
    hook: Hook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hook.answers = [500] * 3

    (delivery,) = send_alerts(summary("failed"), settings(tmp_path, webhook=WebhookSettings()))

    assert not delivery.is_sent
    assert "the alert by webhook was not sent" in caplog.text
    assert "secret-path" not in caplog.text


def test_apprise_speaks_to_a_service_and_says_when_one_is_none(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = settings(tmp_path, apprise=AppriseSettings())

    (sent,) = send_alerts(summary("stopped"), asked)
    monkeypatch.setenv("SLUICE_APPRISE_URLS", f"json://{hook.address}/ nosuch://x")
    (refused,) = send_alerts(summary("failed"), asked)

    assert sent.is_sent
    assert hook.posted[0]["title"] == "Sluice stopped: events, 250 of 1,000 records rejected"
    assert hook.posted[0]["type"] == "failure"
    assert "Apprise does not understand address 2" in (refused.error or "")


def test_one_channel_that_is_down_does_not_keep_the_next_from_being_told(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_WEBHOOK_URL", f"http://127.0.0.1:{free_port()}/")

    down, up = send_alerts(summary("failed"), settings(tmp_path, webhook=WebhookSettings(), apprise=AppriseSettings()))

    assert not down.is_sent
    assert up.is_sent


def test_a_repeat_is_told_once_and_the_recovery_too(hook: Hook, tmp_path: Path) -> None:
    asked = settings(tmp_path, webhook=WebhookSettings())

    runs = [summary("stopped", "1"), summary("stopped", "2"), summary("passed", "3"), summary("passed", "4")]
    sent = [len(send_alerts(run, asked)) for run in runs]

    assert sent == [1, 0, 1, 0]
    assert [body["kind"] for body in hook.posted] == ["stopped", "recovered"]


def test_what_nobody_heard_is_told_again(hook: Hook, tmp_path: Path) -> None:
    asked = settings(tmp_path, webhook=WebhookSettings())

    hook.answers = [404]
    send_alerts(summary("stopped", "1"), asked)
    send_alerts(summary("stopped", "2"), asked)

    assert [body["run_id"] for body in hook.posted] == ["2"]


def test_a_results_folder_that_cannot_be_written_keeps_nobody_from_being_told(hook: Hook, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file in the way")

    (delivery,) = send_alerts(summary("failed"), settings(tmp_path / "out", webhook=WebhookSettings()))

    assert delivery.is_sent


def test_an_address_that_is_none_is_refused_without_being_shown(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_WEBHOOK_URL", "file:///etc/passwd")

    (delivery,) = send_alerts(summary("failed"), settings(tmp_path, webhook=WebhookSettings()))

    assert "SLUICE_WEBHOOK_URL holds no http:// or https:// address" in (delivery.error or "")
    assert "passwd" not in (delivery.error or "")
