"""A stopped or failed run tells people: the command line against a real SMTP server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.main import main
from tests.unit.alerts.smtp_sink import Sink, receiving

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
SECRET = "jane.doe@example.org"  # stands in a cell, and must not leave


@pytest.fixture
def sink_and_config(tmp_path: Path) -> Iterator[tuple[Sink, Path]]:
    config = tmp_path / "pipeline.yaml"
    (tmp_path / "input").mkdir()
    with receiving() as sink:
        config.write_text(
            f"""
dataset: events
input: [input]
results_dir: out
alerts:
  email: {{host: 127.0.0.1, port: {sink.port}, tls: none, sender: sluice@example.org, recipients: [team@example.org]}}
"""
        )
        yield sink, config


def write_rows(config: Path, start: str) -> None:
    rows = f"1,{start},view,{SECRET}\n" * 20
    (config.parent / "input" / "a.csv").write_text(f"user_id,session_start,event_type,metadata\n{rows}")


def test_a_batch_the_gate_stops_is_told_without_a_cell_of_it(sink_and_config: tuple[Sink, Path]) -> None:
    sink, config = sink_and_config
    write_rows(config, start="tomorrow")
    assert main(["--no-server", "--config", str(config)]) == 1
    (message,) = sink.messages
    assert message["To"] == "team@example.org"
    assert "events" in str(message["Subject"])
    text = message.as_string()
    assert "stopped" in text
    assert SECRET not in text
    assert "tomorrow" not in text


def test_a_batch_that_goes_through_is_not_told(sink_and_config: tuple[Sink, Path]) -> None:
    sink, config = sink_and_config
    write_rows(config, start="2026-09-01 08:00:00")
    assert main(["--no-server", "--config", str(config)]) == 0
    assert sink.messages == []


def test_a_run_that_fails_is_told_and_exits_with_1(
    sink_and_config: tuple[Sink, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    sink, config = sink_and_config
    write_rows(config, start="2026-09-01 08:00:00")
    assert main(["--no-server", "--config", str(config)]) == 0
    folder = config.parent / "out" / "store" / "pending"
    folder.rmdir()
    folder.write_text("a file where a folder must be")  # the letters of the run cannot be noted
    assert main(["--no-server", "--config", str(config)]) == 1
    (message,) = sink.messages
    assert "failed" in str(message["Subject"])
    assert SECRET not in message.as_string()
    assert "Traceback" not in capsys.readouterr().err


def test_dead_letters_that_wait_for_their_database_are_told(sink_and_config: tuple[Sink, Path]) -> None:
    sink, config = sink_and_config
    write_rows(config, start="2026-09-01 08:00:00")
    with config.open("a") as file:
        file.write(f"dead_letters: {{url: 'sqlite:///{config.parent}'}}\n")  # a folder
    assert main(["--no-server", "--config", str(config)]) == 3
    (message,) = sink.messages
    assert message["Subject"] == "Sluice failed: events, in quarantine"
    assert "dead letters wait on disk for the next run" in message.as_string().replace("=\n", "")
