"""Sending alerts: each channel tried on its own, retried, logged, and never raised into the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from tasks.alerts.alert import Alert, Condition, RunFailure, conditions_of_run
from tasks.alerts.email import is_worth_another_try, send_email, why_not_sent
from tasks.alerts.memory import Memory, decide, open_memory, utc_now
from tasks.alerts.webhook import post_webhook, send_by_apprise
from tasks.models import RunSummary
from tasks.retries import RetryPlan, call_with_retries
from tasks.safe_errors import describe
from tasks.settings import AlertSettings, Settings

_log = logging.getLogger(__name__)
Send = Callable[[Alert], None]


class Delivery(NamedTuple):
    """What became of one alert on one channel."""

    channel: str
    is_sent: bool
    error: str | None = None


def send_alerts(run: RunSummary | RunFailure, settings: Settings) -> list[Delivery]:
    """Tell whoever is to be told of a run's outcome. Never raises: what could not be sent is logged."""
    try:
        conditions = conditions_of_run(run, settings.alerts, settings.results_dir)
    except Exception as error:  # noqa: BLE001 - a run that went well does not fail because nobody could be told
        _log.error("no alert was made: %s", describe(error))
        return []
    return tell(conditions, settings)


def tell(conditions: Iterable[Condition], settings: Settings) -> list[Delivery]:
    """Tell of what is wrong and of what is well again, once each. Never raises."""
    deliveries: list[Delivery] = []
    try:
        if not list(channels(settings.alerts)):
            return []
        for condition in conditions:
            deliveries += _tell_one(condition, settings)
    except Exception as error:  # noqa: BLE001 - as above
        _log.error("no alert was sent: %s", describe(error))
    return deliveries


def channels(settings: AlertSettings) -> Iterator[tuple[str, Send]]:
    """The channels of the config, by name."""
    if settings.email is not None:
        yield "email", partial(send_email, settings=settings.email)
    if settings.webhook is not None:
        yield "webhook", partial(post_webhook, settings=settings.webhook)
    if settings.apprise is not None:
        yield "apprise", partial(send_by_apprise, settings=settings.apprise)


def _tell_one(condition: Condition, settings: Settings) -> list[Delivery]:
    try:
        with open_memory(settings.results_dir, condition.dataset) as memory:
            return _tell_by_memory(condition, memory, settings.alerts)
    except OSError as error:
        _log.warning("what was told before is not known, so this is told: %s", describe(error))
        return _send(condition.alert, settings.alerts) if condition.alert else []


def _tell_by_memory(condition: Condition, memory: Memory, settings: AlertSettings) -> list[Delivery]:
    decision = decide(condition, memory.get(condition.rule), utc_now(), settings)
    deliveries = _send(decision.alert, settings) if decision.alert is not None else []
    if decision.alert is None and condition.alert is not None:
        facts = {"dataset": condition.dataset, "run_id": condition.run_id}
        _log.info("told before, not told again: %s", condition.alert.subject, extra=facts)
    if deliveries and not any(delivery.is_sent for delivery in deliveries):
        return deliveries  # nobody heard it, so it is not remembered as told
    if decision.remember is None:
        memory.pop(condition.rule, None)
    else:
        memory[condition.rule] = decision.remember
    return deliveries


def _send(alert: Alert, settings: AlertSettings) -> list[Delivery]:
    return [_deliver(channel, send, alert, settings) for channel, send in channels(settings)]


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
