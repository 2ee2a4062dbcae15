"""Sending alerts: each channel tried on its own, retried, logged, and never raised into the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from tasks.alerts.alert import Alert, RunFailure, alert_of_failure, alert_of_run
from tasks.alerts.email import is_worth_another_try, send_email, why_not_sent
from tasks.models import RunSummary
from tasks.retries import RetryPlan, call_with_retries
from tasks.safe_errors import describe
from tasks.settings import AlertSettings, Settings

_log = logging.getLogger(__name__)


class Delivery(NamedTuple):
    """What became of one alert on one channel."""

    channel: str
    is_sent: bool
    error: str | None = None


def send_alerts(run: RunSummary | RunFailure, settings: Settings) -> list[Delivery]:
    """Tell whoever is to be told of a run's outcome. Never raises: what could not be sent is logged."""
    try:
        alert = _alert(run, settings)
        if alert.outcome not in settings.alerts.outcomes:
            return []
        return [_deliver(name, send, alert, settings.alerts) for name, send in _channels(settings.alerts)]
    except Exception as error:  # noqa: BLE001 - a run that went well does not fail because nobody could be told
        _log.error("no alert was sent: %s", describe(error))
        return []


Send = Callable[[Alert], None]


def _alert(run: RunSummary | RunFailure, settings: Settings) -> Alert:
    if isinstance(run, RunFailure):
        return alert_of_failure(run, settings.alerts, settings.results_dir)
    return alert_of_run(run, settings.alerts, settings.results_dir)


def _channels(settings: AlertSettings) -> Iterator[tuple[str, Send]]:
    if settings.email is not None:
        yield "email", partial(send_email, settings=settings.email)


def _deliver(channel: str, send: Send, alert: Alert, settings: AlertSettings) -> Delivery:
    plan = RetryPlan(**settings.retries.model_dump())
    facts = {"dataset": alert.dataset, "run_id": alert.run_id}
    try:
        call_with_retries(partial(send, alert), plan, is_worth_another_try)
    except Exception as error:  # noqa: BLE001 - the next channel is tried all the same
        why = why_not_sent(error)
        _log.error("the alert by %s was not sent: %s", channel, why, extra=facts)
        return Delivery(channel, is_sent=False, error=why)
    _log.info("alert sent by %s: %s", channel, alert.subject, extra=facts)
    return Delivery(channel, is_sent=True)
