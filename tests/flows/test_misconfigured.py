"""A run that cannot begin: one clear message, in the UI and an email where it is deployed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.flow import sluice
from flows.main import main
from flows.parameters import RunParameters
from tests.unit.alerts.smtp_sink import Sink, receiving

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with receiving() as kept:
        yield kept


def test_a_key_that_is_wrong_is_named_in_the_state_and_in_an_email(
    prefect_engine: None, sink: Sink, tmp_path: Path
) -> None:
    config = tmp_path / "pipeline.yaml"
    config.write_text(
        f"""
results_dri: out
results_dir: out
alerts:
  outcomes: [failed, exploded]
  email: {{host: 127.0.0.1, port: {sink.port}, tls: none, sender: s@example.org, recipients: [team@example.org]}}
"""
    )

    state = sluice(RunParameters(config=str(config)), return_state=True)

    assert state.is_failed()
    assert state.message is not None
    assert state.message.splitlines()[0].startswith(f"{config}:5: alerts.outcomes.1: ")
    assert state.message.splitlines()[1] == f"{config}:2: results_dri: unknown key; take it out or correct its spelling"
    (message,) = sink.messages
    assert message["Subject"] == "Sluice failed: events, in start"
    assert "results_dri: unknown key" in message.as_string()
    assert (tmp_path / "out" / "alerts" / "events.json").is_file()


def test_a_server_that_stays_away_is_one_clear_message(
    prefect_engine: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "pipeline.yaml"
    config.write_text(
        "input: ['http://127.0.0.1:1/a.csv']\nresults_dir: out\nretries: {attempts: 3, first_delay_seconds: 0.01}\n"
    )
    what = "http://127.0.0.1:1/a.csv: cannot be fetched just now"

    assert main(["--no-server", "--config", str(config)]) == 1
    shown = capsys.readouterr()
    state = sluice(RunParameters(config=str(config)), return_state=True)

    assert shown.out.count("ConnectionError, trying again") == 2
    assert shown.err.startswith(f"sluice: {what}")
    assert len(shown.err.splitlines()) == 1
    assert state.is_failed()
    assert str(state.message).startswith(what)
