"""Log lines: one JSON object a line where nobody watches, readable lines in a terminal. No cell values in either.

Stages log with the standard library and hand facts over as `extra`: `log.info("landed", extra={"rows": 10, ...})`.
Imports nothing of Prefect: Prefect loads this module for its own handlers (config/logging.yml).
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import math
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from expectations.errors import UsageError
from tasks.safe_errors import causes_of, describe, frames_of

# What a line can carry beside its message, in the order it is printed.
FACTS = (
    "run_id", "dataset", "stage", "status", "file", "rows", "milliseconds", "bytes", "peak_memory_bytes",
    "reason_code", "attempt",
)  # fmt: skip
_PREFECT_FACTS = ("flow_run_name", "task_run_name")
_OWN_LOGGERS = ("flows", "tasks", "expectations")
_COLOURS = {"WARNING": "\x1b[33m", "ERROR": "\x1b[31m", "CRITICAL": "\x1b[1;31m"}

# Prefect's state messages quote the error's text, also in lines that carry no error.
_STATE_MESSAGE = re.compile(r"(encountered an exception:? \w+): .*", re.DOTALL)

_of_this_run: dict[str, str] = {}


def set_up_logging(
    level: str = "INFO",
    *,
    run_id: str | None = None,
    dataset: str | None = None,
    log_file: Path | None = None,
    to_stdout: bool = False,
) -> None:
    """Make every log line of this process, Prefect's too, come out in Sluice's form.

    May be called again: later facts replace earlier ones and no handler is doubled.

    Args:
        level: of the loggers of flows, tasks and expectations.
        run_id: put into every line.
        dataset: put into every line.
        log_file: where every line goes as JSON as well.
        to_stdout: lines go to standard output where that is no terminal: for commands whose output is nothing but
            their lines (docs/decisions/0086-where-lines-go.md). Else, and in a terminal, they go to standard error.

    Raises:
        UsageError: the log file cannot be made.
    """
    _of_this_run.update({name: value for name, value in (("run_id", run_id), ("dataset", dataset)) if value})
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if _writes_to_console(handler):
            root.removeHandler(handler)
    root.addHandler(LineHandler(to_stdout=to_stdout))
    if log_file is not None:
        _add_file(root, log_file)
    for name in _OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)
    for handler in logging.getLogger("prefect.flow_runs").handlers:
        handler.setFormatter(MessageFormatter())
        for name in _OWN_LOGGERS:
            if handler not in logging.getLogger(name).handlers:
                logging.getLogger(name).addHandler(handler)


class LineHandler(logging.StreamHandler[TextIO]):
    """A standard stream as it is at the moment: JSON lines, or readable ones where it is a terminal."""

    def __init__(self, *, to_stdout: bool = False) -> None:
        super().__init__(sys.stderr)
        self._to_stdout = to_stdout
        self.setFormatter(line_formatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, to whatever the stream is now."""
        self.stream = sys.stdout if self._to_stdout and not sys.stdout.isatty() else sys.stderr
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """The line in the form that fits the stream."""
        return (_READABLE if self.stream.isatty() else _JSON).format(record)


class MessageFormatter(logging.Formatter):
    """The message and its facts in one text: what the Prefect UI shows, which keeps nothing else of a record."""

    def format(self, record: logging.LogRecord) -> str:
        """`landed file=a.csv rows=10 ms=12`."""
        facts = [f"{_SHORT.get(name, name)}={value}" for name, value in facts_of(record).items()]
        return " ".join([message_of(record), *facts])


class ReadableFormatter(MessageFormatter):
    """`08:00:01 INFO  ingest  landed file=a.csv rows=10 ms=12`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and below it where an error came from."""
        clock = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        line = f"{clock} {record.levelname:<7} {_one_line(super().format(record))}"
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            causes = [f"    because of {describe(cause)}" for cause in causes_of(error)]
            line = "\n".join([line, *(f"    {frame}" for frame in frames_of(error)), *causes])
        colour = _COLOURS.get(record.levelname)
        return f"{colour}{line}\x1b[0m" if colour else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line, valid whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        """Timestamp, level, logger, message, facts; for an error its type and its way, never its text."""
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            **_of_this_run,
            **facts_of(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error_type"] = type(record.exc_info[1]).__name__
            line["error_frames"] = frames_of(record.exc_info[1])
            line["error_causes"] = [describe(cause) for cause in causes_of(record.exc_info[1])]
        return json.dumps(_plain(line), allow_nan=False, separators=(",", ":"))


def line_formatter() -> logging.Formatter:
    """The formatter named in config/logging.yml; a LineHandler chooses for each line."""
    return _JSON


def message_of(record: logging.LogRecord) -> str:
    """The message, with the errors in it described instead of quoted: their texts may hold values.

    Prefect writes `repr(error)` into its messages, as an argument or already formatted.
    """
    arguments = record.args
    if isinstance(arguments, tuple):
        arguments = tuple(_Described(one) if isinstance(one, BaseException) else one for one in arguments)
    try:
        text = str(record.msg) % arguments if arguments else str(record.msg)
    except (TypeError, ValueError, KeyError):
        text = str(record.msg)
    error = record.exc_info[1] if record.exc_info else None
    for one in [error, *causes_of(error)] if error is not None else []:
        for quoted in (repr(one), str(one)):
            text = text.replace(quoted, describe(one)) if len(quoted) > 3 else text
    return _STATE_MESSAGE.sub(r"\1", text)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """The facts a record carries, in their order."""
    carried = {name: getattr(record, name, None) for name in (*FACTS, *_PREFECT_FACTS)}
    return {name: value for name, value in carried.items() if value is not None}


class _Described:
    """Stands for an error among the arguments of a message."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __str__(self) -> str:
        return describe(self._error)

    __repr__ = __str__


def _writes_to_console(handler: logging.Handler) -> bool:
    return type(handler).__name__ in ("LineHandler", "PrefectConsoleHandler") or (
        type(handler) is logging.StreamHandler and handler.stream in (sys.stderr, sys.stdout)
    )


def _add_file(root: logging.Logger, log_file: Path) -> None:
    for handler in [*root.handlers]:
        if isinstance(handler, logging.FileHandler):
            root.removeHandler(handler)
            handler.close()
    try:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        handler = _LogFile(log_file, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"`log_file`: {log_file}: cannot be written: {error.strerror}") from None
    handler.setFormatter(_JSON)
    root.addHandler(handler)


class _LogFile(logging.handlers.WatchedFileHandler):
    """A file that may be moved away by logrotate. A full disk is said once, on standard error, and stops no run."""

    _is_said = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - its name in the library
        error = sys.exc_info()[1]
        if not self._is_said and error is not None:
            print(f"sluice: lines are missing in {self.baseFilename}: {describe(error)}", file=sys.stderr)
            self._is_said = True

    def close(self) -> None:
        """Close the file; what was buffered for a full disk is lost, and said."""
        with suppress(OSError):
            super().close()


def _one_line(text: str) -> str:
    """Control characters spelled out: a message can neither break its line nor drive the terminal."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _plain(value: object) -> Any:
    """What JSON can hold: no NaN, no lone surrogates, no objects."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


_SHORT = {"milliseconds": "ms"}
_JSON = JsonFormatter()
_READABLE = ReadableFormatter()
