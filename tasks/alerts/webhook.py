"""An alert posted to a web address, or sent by way of Apprise."""

from __future__ import annotations

import json

from expectations.errors import UsageError
from tasks.alerts.alert import Alert
from tasks.alerts.text import text_of
from tasks.settings import AppriseSettings, WebhookSettings, read_secret


class NotDeliveredError(ConnectionError):
    """A service that Apprise speaks to did not take the message. Apprise does not say why."""


def post_webhook(alert: Alert, settings: WebhookSettings) -> None:
    """Post one alert as JSON.

    Raises:
        UsageError: the address is not in the environment, or is none.
        OSError: it could not be reached in time, or answered with an error.
    """
    from urllib.request import Request, urlopen  # noqa: PLC0415  (few runs alert)

    url = read_secret(settings.url_env, "alerts.webhook.url_env")
    if not url.startswith(("https://", "http://")):
        raise UsageError(f"the environment variable {settings.url_env} holds no http:// or https:// address")
    request = Request(  # noqa: S310 - checked above
        url, data=json.dumps(body_of(alert)).encode(), headers={"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=settings.timeout_seconds):  # noqa: S310 - checked above
        pass


def body_of(alert: Alert) -> dict[str, object]:
    """What is posted: `text` for people, the rest for programs."""
    return {
        "text": f"*{alert.subject}*\n{text_of(alert)}",
        "dataset": alert.dataset,
        "rule": alert.rule.value,
        "kind": alert.kind,
        "is_good": alert.is_good,
        "run_id": alert.run_id,
        "link": alert.link,
    }


def send_by_apprise(alert: Alert, settings: AppriseSettings) -> None:
    """Send one alert to every Apprise URL.

    Raises:
        UsageError: there is no URL in the environment, or one is none that Apprise knows.
        NotDeliveredError: at least one service did not take it.
    """
    from apprise import Apprise, NotifyType  # noqa: PLC0415 - a third of a second that a quiet run does not need

    urls = read_secret(settings.urls_env, "alerts.apprise.urls_env").split()
    services = Apprise()
    wrong = [number for number, url in enumerate(urls, start=1) if not services.add(url)]
    if wrong:
        places = ", ".join(str(number) for number in wrong)
        raise UsageError(
            f"Apprise does not understand address {places} in the environment variable {settings.urls_env}"
        )
    kind = NotifyType.SUCCESS if alert.is_good else NotifyType.FAILURE
    if not services.notify(title=alert.subject, body=text_of(alert), notify_type=kind):
        raise NotDeliveredError("a service did not take the message")
