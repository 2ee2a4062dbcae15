"""Emails as a real SMTP server receives them."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tasks.alerts.alert import RunFailure
from tasks.alerts.send import send_alerts
from tasks.settings import AlertSettings, EmailSettings, Outcome, RetrySettings, Settings
from tests.unit.alerts.smtp_sink import PASSWORD, USER, Sink, controller, free_port, make_certificate
from tests.unit.alerts.summaries import summary

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is TLS from the start
Serve = Callable[..., int]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def serve(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts SMTP servers and stops them after the test; gives the port."""
    monkeypatch.setenv("SLUICE_SMTP_PASSWORD", PASSWORD)
    with ExitStack() as running:

        def start(sink: Sink, **options: Any) -> int:
            server = controller(sink, certificate, **options)
            server.start()
            running.callback(server.stop)
            return server.port

        yield start


def settings(port: int, tmp_path: Path, **email: Any) -> Settings:
    asked = {"host": "127.0.0.1", "port": port, "tls": "none", "sender": "sluice@example.org"}
    asked |= {"recipients": ["team@example.org", "lead@example.org"], "timeout_seconds": 5} | email
    return Settings(
        results_dir=tmp_path,
        alerts=AlertSettings(
            report_url="https://reports.example.org/{run_id}/report.html",
            retries=RetrySettings(attempts=3, first_delay_seconds=0.01, jitter=0),
            email=EmailSettings.model_validate(asked),
        ),
    )


def body(sink: Sink, kind: str) -> str:
    (message,) = sink.messages
    part = message.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


@pytest.mark.parametrize(("tls", "login"), [("starttls", True), ("ssl", True), ("starttls", False)])
def test_a_stopped_run_is_told_over_tls(serve: Serve, certificate: Path, tmp_path: Path, tls: str, login: bool) -> None:
    sink = Sink()
    port = serve(sink, tls=tls, login=login)

    (delivery,) = send_alerts(
        summary("stopped"), settings(port, tmp_path, tls=tls, user=USER if login else None, ca_file=certificate)
    )

    assert delivery.is_sent
    assert sink.was_encrypted == [True]
    assert sink.logins == [USER] * login
    (message,) = sink.messages
    assert message["Subject"] == "Sluice stopped: events, 250 of 1,000 records rejected"
    assert message["To"] == "team@example.org, lead@example.org"
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_text_and_the_page_say_the_same_three_sentences_and_where_to_look(serve: Serve, tmp_path: Path) -> None:
    sink = Sink()

    send_alerts(summary("stopped"), settings(serve(sink), tmp_path))

    for kind in ("plain", "html"):
        said = body(sink, kind)
        assert "The gate stopped the batch of events: 25.0% of the rows were rejected &amp; more" in said.replace(
            "& ", "&amp; "
        )
        assert "Of 1,000 records read, 700 were accepted, 250 became dead letters, 40 were duplicates and 10" in said
        assert "Nothing of it was analysed; mend the files or the rules and run again." in said
        assert "https://reports.example.org/r-1/report.html" in said
        assert "too_few_fields" in said


def test_a_failed_run_is_told_with_its_stage_and_kind_of_error(serve: Serve, tmp_path: Path) -> None:
    sink = Sink()
    failure = RunFailure(
        run_id="r-2", dataset="events", stage="validate", what="ComputeError in tasks/x.py:3 (<lambda>)"
    )

    send_alerts(failure, settings(serve(sink), tmp_path))

    assert sink.messages[0]["Subject"] == "Sluice failed: events, in validate"
    assert "ComputeError in tasks/x.py:3 (&lt;lambda&gt;)" in body(sink, "html")


@pytest.mark.parametrize("outcome", ["passed", "warned"])
def test_what_nobody_asked_to_hear_is_not_sent(serve: Serve, tmp_path: Path, outcome: Any) -> None:
    sink = Sink()

    assert send_alerts(summary(outcome), settings(serve(sink), tmp_path)) == []
    assert sink.messages == []


def test_a_server_that_asks_to_come_again_gets_it_again(serve: Serve, tmp_path: Path) -> None:
    sink = Sink(refusals=["451 try again later"] * 2)

    (delivery,) = send_alerts(summary("failed"), settings(serve(sink), tmp_path))

    assert delivery.is_sent
    assert len(sink.messages) == 1


def test_a_server_that_refuses_for_good_is_asked_once_and_logged(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sink = Sink(refusals=["554 no"] * 3)

    (delivery,) = send_alerts(summary("failed"), settings(serve(sink), tmp_path))

    assert not delivery.is_sent
    assert len(sink.refusals) == 2
    assert "the alert by email was not sent: SMTPDataError: the server answered 554" in caplog.text


def test_no_server_no_trouble(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    (delivery,) = send_alerts(summary("failed"), settings(free_port(), tmp_path))

    assert not delivery.is_sent
    assert caplog.text.count("trying again in") == 2
    assert "the alert by email was not sent: ConnectionRefusedError" in caplog.text


def test_a_server_that_never_answers_is_left_after_the_time_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        asked = settings(port, tmp_path, timeout_seconds=0.2)

        (delivery,) = send_alerts(summary("failed"), asked)

    assert delivery.error == "SMTPServerDisconnected: the server broke off, or did not answer in time"


def test_a_certificate_nobody_vouches_for_is_refused(serve: Serve, tmp_path: Path) -> None:
    sink = Sink()

    (delivery,) = send_alerts(summary("failed"), settings(serve(sink, tls="starttls"), tmp_path, tls="starttls"))

    assert not delivery.is_sent
    assert "SSLCertVerificationError" in (delivery.error or "")
    assert sink.messages == []


def test_a_wrong_password_is_said_and_never_shown(
    serve: Serve, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sink = Sink()
    port = serve(sink, tls="starttls", login=True)
    asked = settings(port, tmp_path, tls="starttls", user=USER, ca_file=certificate)

    monkeypatch.setenv("SLUICE_SMTP_PASSWORD", "hunter2")
    (wrong,) = send_alerts(summary("failed"), asked)
    monkeypatch.delenv("SLUICE_SMTP_PASSWORD")
    (missing,) = send_alerts(summary("failed"), asked)

    assert wrong.error == "SMTPAuthenticationError: the server answered 535"
    assert "the environment variable SLUICE_SMTP_PASSWORD is not set" in (missing.error or "")
    assert "hunter2" not in caplog.text
    assert sink.messages == []


def test_what_comes_from_data_can_neither_add_a_header_nor_markup(serve: Serve, tmp_path: Path) -> None:
    sink = Sink()
    failure = RunFailure(run_id="r", dataset="a\r\nBcc: all@example.org", stage="<b>x</b>", what="E")

    send_alerts(failure, settings(serve(sink), tmp_path))

    assert sink.messages[0]["Bcc"] is None
    assert "<b>x" not in body(sink, "html")


@pytest.mark.parametrize("status", ["passed", "warned", "stopped", "failed"])
def test_every_outcome_can_be_said(serve: Serve, tmp_path: Path, status: Any) -> None:
    sink = Sink()
    asked = settings(serve(sink), tmp_path)
    asked = asked.model_copy(update={"alerts": asked.alerts.model_copy(update={"outcomes": tuple(Outcome)})})

    assert send_alerts(summary(status), asked)[0].is_sent
    assert sink.messages[0]["Subject"].startswith(f"Sluice {status}: events")
