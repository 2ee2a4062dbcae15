from __future__ import annotations

import io
import json
import logging
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.errors import UsageError
from flows.logs import JsonFormatter, MessageFormatter, ReadableFormatter, set_up_logging
from tasks.safe_errors import describe


def record(message: object, *args: object, **extra: object) -> logging.LogRecord:
    error = extra.pop("error", None)
    made = logging.LogRecord("tasks.ingest", logging.INFO, __file__, 1, message, args, None)
    made.__dict__.update(extra)
    if isinstance(error, BaseException):
        made.exc_info = (type(error), error, error.__traceback__)
    return made


def raised(error: Exception) -> Exception:
    with suppress(type(error)):
        raise error
    return error


@pytest.fixture
def clean_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, levels = [*root.handlers], {name: logging.getLogger(name).level for name in ("flows", "tasks")}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@given(st.text(st.characters(exclude_categories=())), st.floats(), st.text(st.characters(exclude_categories=())))
def test_a_line_is_one_json_object_whatever_it_holds(message: str, rows: float, file: str) -> None:
    line = JsonFormatter().format(record(message, rows=rows, file=file))

    assert line.isascii()
    assert len(line.splitlines()) == 1
    parsed = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert parsed["level"] == "INFO"
    assert parsed["logger"] == "tasks.ingest"


@given(st.text())
def test_a_message_of_text_comes_back_as_it_was(message: str) -> None:
    assert json.loads(JsonFormatter().format(record("%s", message)))["message"] == message


def test_facts_are_fields_in_json_and_words_in_the_ui_and_the_terminal() -> None:
    landed = record("landed", stage="ingest", file="a.csv", rows=10, milliseconds=12, bytes=300)

    assert json.loads(JsonFormatter().format(landed)).items() >= {"rows": 10, "milliseconds": 12, "bytes": 300}.items()
    assert MessageFormatter().format(landed) == "landed stage=ingest file=a.csv rows=10 ms=12 bytes=300"
    assert ReadableFormatter().format(landed).endswith("INFO    landed stage=ingest file=a.csv rows=10 ms=12 bytes=300")


def test_a_readable_line_can_neither_break_nor_drive_the_terminal() -> None:
    assert "\\x1b[2J\\nERROR" in ReadableFormatter().format(record("\x1b[2J\nERROR forged"))


def test_the_values_an_error_quotes_are_in_no_line() -> None:
    with pytest.raises(pl.exceptions.PolarsError, match="secret-cell") as failed:
        pl.DataFrame({"a": ["secret-cell"]}).select(pl.col("a").str.to_integer())
    error = failed.value

    lines = [
        formatter.format(one)
        for formatter in (JsonFormatter(), ReadableFormatter(), MessageFormatter())
        for one in (
            record("Task run failed with exception: %r", error),
            record(f"Task run failed with exception: {error!r}", error=error),
            record(f"failed: {error}", error=error),
        )
    ]

    assert not any("secret-cell" in line for line in lines)
    assert all("ComputeError" in line for line in lines)
    assert all("test_logs.py" in line for line in lines)


@pytest.mark.parametrize("quoted", ["an exception ComputeError: ", "an exception: ComputeError: "])
def test_a_state_message_of_prefect_is_cut_before_the_error_text(quoted: str) -> None:
    message = f'Finished in state Failed("Task run encountered {quoted}conversion of\n secret-cell failed")'

    line = json.loads(JsonFormatter().format(record(message)))

    assert line["message"].endswith("ComputeError")
    assert "secret-cell" not in line["message"]


def test_what_an_error_came_from_is_named_by_kind_too() -> None:
    error = RuntimeError("wrapped secret-cell")
    error.__cause__ = raised(ValueError("secret-cell"))

    line = JsonFormatter().format(record("failed", error=error))

    assert "ValueError in tests/unit/test_logs.py" in json.loads(line)["error_causes"][0]
    assert "secret-cell" not in line


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UsageError("config.yaml:3: wrong"), "UsageError: config.yaml:3: wrong"),
        (ImportError("no module named x"), "ImportError: no module named x"),
        (OSError(28, "No space left on device", "/data/secret/a.csv"), "OSError: No space left on device: a.csv"),
        (sqlite3.OperationalError("database is locked"), "OperationalError: database is locked"),
        (ValueError("secret-cell"), "ValueError"),
    ],
)
def test_what_may_be_said_of_an_error(error: Exception, text: str) -> None:
    assert describe(error) == text


def test_a_developer_may_ask_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_SHOW_ERROR_TEXT", "1")

    assert describe(ValueError("the cell")) == "ValueError: the cell"


def test_an_error_is_a_type_and_a_way() -> None:
    line = json.loads(JsonFormatter().format(record("failed", error=raised(ValueError("42")))))

    assert line["error_type"] == "ValueError"
    assert "test_logs.py" in line["error_frames"][-1]


def test_a_message_with_the_wrong_arguments_is_still_logged() -> None:
    assert json.loads(JsonFormatter().format(record("%d rows", "many")))["message"] == "%d rows"


@pytest.mark.usefixtures("clean_logging")
def test_lines_carry_the_run_and_none_is_doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    for _ in range(2):
        set_up_logging("DEBUG", run_id="r1", dataset="events", log_file=tmp_path / "logs" / "run.jsonl")

    logging.getLogger("tasks.ingest").debug("landed", extra={"rows": 3})

    for text in (stream.getvalue(), (tmp_path / "logs" / "run.jsonl").read_text()):
        (line,) = [json.loads(one) for one in text.splitlines()]
        assert line.items() >= {"run_id": "r1", "dataset": "events", "rows": 3, "message": "landed"}.items()


def script(*, to_stdout: bool) -> list[str]:
    code = (
        "import logging; from flows.logs import set_up_logging\n"
        f"set_up_logging(to_stdout={to_stdout})\nlogging.getLogger('flows').info('hi')"
    )
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("to_stdout", [True, False])
def test_json_in_a_pipe(to_stdout: bool) -> None:
    done = subprocess.run(script(to_stdout=to_stdout), capture_output=True, text=True, check=True)

    lines, nothing = (done.stdout, done.stderr) if to_stdout else (done.stderr, done.stdout)
    assert json.loads(lines)["message"] == "hi"
    assert nothing == ""


def test_words_in_a_terminal() -> None:
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as terminal, open(theirs, "wb", buffering=0) as end:  # noqa: PTH123 - a descriptor
        subprocess.run(script(to_stdout=True), stdout=end, stderr=end, check=True)
        assert terminal.read(100).rstrip().endswith(b"INFO    hi")


@pytest.mark.usefixtures("clean_logging")
def test_a_log_file_that_cannot_be_made_is_the_users_to_mend(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    with pytest.raises(UsageError, match=r"`log_file`: .*taken/run\.jsonl: cannot be written: File exists"):
        set_up_logging(log_file=tmp_path / "taken" / "run.jsonl")


@pytest.mark.usefixtures("clean_logging")
def test_a_disk_that_is_full_loses_lines_and_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(log_file=Path("/dev/full"))

    for _ in range(2):
        logging.getLogger("tasks").info("landed")
    logging.getLogger().handlers[-1].close()

    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("{")]
    assert said == ["sluice: lines are missing in /dev/full: OSError: No space left on device"]
