from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from expectations.errors import UsageError
from tasks.settings import PROJECT_DIR, Outcome, Settings, load_settings, read_secret


def config(folder: Path, text: str) -> Path:
    path = folder / "pipeline.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_config_says_what_the_code_defaults_to(tmp_path: Path) -> None:
    shipped = load_settings()

    assert shipped.input == (str(PROJECT_DIR / "data" / "raw"),)
    assert shipped.results_dir == PROJECT_DIR / "data" / "processed"
    (tmp_path / "config").mkdir()
    of_nothing = load_settings(config(tmp_path / "config", "# nothing is said\n"))
    assert of_nothing.model_dump(exclude={"input", "results_dir", "dead_letters"}) == shipped.model_dump(
        exclude={"input", "results_dir", "dead_letters"}
    )


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    file = config(tmp_path, "input: [in/*.csv, 's3://bucket/day/*.csv', /abs]\nresults_dir: ../out\n")

    settings = load_settings(file)

    assert settings.input == (f"{tmp_path}/in/*.csv", "s3://bucket/day/*.csv", "/abs")
    assert settings.results_dir == tmp_path.parent / "out"
    assert settings.dead_letters.url == f"sqlite:///{tmp_path.parent}/out/dead_letters.db"


def test_overrides_count_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    settings = load_settings(
        overrides={"input": ["a.csv"], "results_dir": Path("out"), "engine": None, "retries.attempts": 7}
    )

    assert settings.input == (f"{tmp_path}/a.csv",)
    assert settings.results_dir == tmp_path / "out"
    assert settings.dead_letters.url == f"sqlite:///{tmp_path}/out/dead_letters.db"
    assert settings.engine == "polars"
    assert settings.retries.attempts == 7


def test_a_database_named_in_the_file_does_not_move_with_the_results(tmp_path: Path) -> None:
    file = config(tmp_path, "dead_letters:\n  url: sqlite:///letters.db\n")

    settings = load_settings(file, {"results_dir": tmp_path / "elsewhere"})

    assert settings.dead_letters.url == f"sqlite:///{tmp_path}/letters.db"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("datset: events\n", ":1: datset: unknown key"),
        ("retries:\n  attempts: 3\n  delay: 4\n", ":3: retries.delay: unknown key"),
        ("engine: abacus\n", ":1: engine: Input should be 'polars', 'pandas'"),
        ("alerts:\n  outcomes: [exploded]\n", ":2: alerts.outcomes.0: Input should be"),
        ("a: b: c\n", ":1: not valid YAML"),
        ("engine: polars\nengine: pandas\n", ':2: not valid YAML: found duplicate key "engine"'),
        ("events\n", ":1: (the whole file): must hold keys with values"),
        (
            "alerts:\n  email:\n    host: h\n    sender: s\n    recipients: [r]\n    password: hunter2\n",
            ":6: alerts.email.password: a password does not belong in a file",
        ),
        (
            "dead_letters:\n  url: postgresql://s:hunter2@db/x\n",
            ":2: dead_letters.url: the URL holds",
        ),
        ("dead_letters:\n  password: hunter2\n", ":2: dead_letters.password: a password does not belong"),
    ],
)
def test_a_fault_is_refused_with_file_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    file = config(tmp_path, text)

    with pytest.raises(UsageError) as refused:
        load_settings(file)

    assert f"{file}{message}" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_wrong_override_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"the setting retries\.attempts is wrong"):
        load_settings(overrides={"retries.attempts": 0})


def test_a_login_in_clear_is_refused(tmp_path: Path) -> None:
    text = "alerts:\n  email: {host: h, sender: s, recipients: [r], user: u, tls: none}\n"

    with pytest.raises(UsageError, match="would send the password in clear"):
        load_settings(config(tmp_path, text))


def test_settings_do_not_change_and_hold_no_password() -> None:
    settings = load_settings()

    with pytest.raises(ValidationError):
        settings.dataset = "flights"
    assert "password" not in settings.model_dump()["dead_letters"]


def test_the_database_password_comes_from_the_environment(tmp_path: Path) -> None:
    file = config(
        tmp_path, "dead_letters:\n  url: postgresql+psycopg://sluice@db:5432/x?sslmode=require\n  password_env: PW\n"
    )
    letters = load_settings(file).dead_letters

    assert letters.connection_url({"PW": "a/b@c"}) == "postgresql+psycopg://sluice:a%2Fb%40c@db:5432/x?sslmode=require"
    with pytest.raises(UsageError, match=r"PW is not set; `dead_letters\.password_env` names it"):
        letters.connection_url({})
    assert "a/b@c" not in repr(letters)


def test_read_secret_reads_the_process_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SLUICE_TEST_SECRET", "x")

    assert read_secret("SLUICE_TEST_SECRET", "key") == "x"


def test_a_run_that_passed_or_warned_is_not_told_unless_asked_for() -> None:
    assert set(Outcome) - set(Settings().alerts.outcomes) == {Outcome.PASSED, Outcome.WARNED}
