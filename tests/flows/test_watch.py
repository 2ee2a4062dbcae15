"""Looking after a dataset between runs, on the runs and dead letters of the real stages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.main import main as run_main
from flows.run_records import RunRecord
from flows.watch import last_new_data, main, watch
from tasks.settings import AlertSettings, Settings, WebhookSettings, load_settings
from tests.unit.alerts.web_hook import Hook, listening

NOW = datetime.now(UTC)
ROWS = "user_id,session_start,session_end,event_type,value,metadata\n" + "".join(
    f"{user},2026-01-0{1 + user % 9} 08:00:00,2026-01-0{1 + user % 9} 09:00:00,view,1.50,\n" for user in range(1, 40)
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one run with one dead letter."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "a.csv").write_text(ROWS + "x,2026-01-01 08:00:00,2026-01-01 09:00:00,view,1.50,\n")
    run_main(["--no-server", "--input", str(folder / "a.csv"), "--results-dir", str(folder / "out")])
    return folder / "out"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with listening() as server:
        monkeypatch.setenv("SLUICE_WEBHOOK_URL", f"http://{server.address}/")
        yield server


def settings(results: Path) -> Settings:
    alerts = AlertSettings(dead_letter_age_days=7, no_new_data_hours=26, webhook=WebhookSettings())
    return load_settings(overrides={"results_dir": results}).model_copy(update={"alerts": alerts})


def test_what_grows_old_is_told_once_and_its_end_too(results: Path, hook: Hook) -> None:
    told: list[set[str]] = []
    for days in (0.0, 8.0, 8.1, 0.0):
        hook.posted.clear()
        watch(settings(results), NOW + timedelta(days=days))
        told.append({f"{body['rule']} {body['kind']}" for body in hook.posted})

    assert told == [
        set(),
        {"old_dead_letters old", "no_new_data none"},
        set(),
        {"old_dead_letters recovered", "no_new_data recovered"},
    ]


def test_on_the_command_line_it_says_how_things_are(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "watch.yaml"
    config.write_text(f"results_dir: {results}\nalerts: {{dead_letter_age_days: 7, no_new_data_hours: 26}}\n")

    assert main(["--config", str(config)]) == 0
    assert capsys.readouterr().out == "old_dead_letters: well\nno_new_data: well\n"
    assert main(["--config", str(tmp_path / "nosuch.yaml")]) == 2


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], None),
        ([(3, "ab")], 3),
        ([(3, "ab"), (2, "ab"), (1, "a")], 2),  # b came with run 2
        ([(3, "abc"), (2, "ab")], 3),
        ([(3, "a"), (2, "ab"), (1, "a")], 1),  # b is gone: a is not news
    ],
)
def test_when_new_data_came_last(runs: list[tuple[int, str]], expected: int | None) -> None:
    made = [record(day, contents) for day, contents in runs]

    assert last_new_data(made) == (None if expected is None else datetime(2026, 1, expected, tzinfo=UTC))


def record(day: int, contents: str) -> RunRecord:
    sources = [{"uri": name, "digest": name, "size_bytes": 1} for name in contents]
    landed = [{"source": source, "file_format": "csv", "rows": {}} for source in sources]
    return RunRecord.model_validate(
        {
            "run_id": f"r{day}",
            "dataset": "events",
            "engine": "polars",
            "started_at": datetime(2026, 1, day, tzinfo=UTC),
            "contract": {"dataset": "events", "columns": {"a": {"type": "string"}}},
            "suite_text": "{}",
            "landed": landed,
            "batch": {"files": [], "rows": {}, "gate": {"verdict": "passed"}},
            "analysis": None,
        }
    )
