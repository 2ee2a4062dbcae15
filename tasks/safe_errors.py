"""What may be said of an error: its kind and its place. Its text may quote the data, so it stays out of logs."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from pydantic import ValidationError

from expectations.errors import UsageError

_PROJECT_DIR = Path(__file__).resolve().parent.parent
_SAFE_TEXTS = (UsageError, ImportError, NameError, AttributeError, SyntaxError)
# For a developer at a desk, who may see the data: error texts in full.
SHOW_TEXT = "SLUICE_SHOW_ERROR_TEXT"


def describe(error: BaseException) -> str:
    """One line without values: `ComputeError in tasks/validate/batch.py:40 (validate_batch)`.

    The text of a usage error is for the user and holds no data; that of an error in the code names code; an operating
    system's error names a file and a cause; a database that is away or busy says so.
    """
    if os.environ.get(SHOW_TEXT) or isinstance(error, _SAFE_TEXTS):
        return f"{_kind(error)}: {error}"
    if _is_database_away(error):
        return f"{_kind(error)}: {getattr(error, 'orig', None) or error}"
    if isinstance(error, OSError) and error.strerror:
        place = f": {Path(os.fsdecode(error.filename)).name}" if isinstance(error.filename, str | bytes) else ""
        return f"{_kind(error)}: {error.strerror}{place}"
    where = last_own_frame(error)
    return f"{_kind(error)} in {where}" if where else _kind(error)


def causes_of(error: BaseException) -> list[BaseException]:
    """What an error was raised from, nearest first."""
    found: list[BaseException] = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return found


def last_own_frame(error: BaseException) -> str:
    """Where in this project the error went through last, as `file:line (function)`; empty where it did not."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        path = Path(frame.filename)
        if path.is_relative_to(_PROJECT_DIR) and ".venv" not in path.parts and "site-packages" not in path.parts:
            return f"{path.relative_to(_PROJECT_DIR).as_posix()}:{frame.lineno} ({frame.name})"
    return ""


def frames_of(error: BaseException) -> list[str]:
    """The whole way of an error, outermost first, as `file:line (function)`; no source lines, no values."""
    return [f"{frame.filename}:{frame.lineno} ({frame.name})" for frame in traceback.extract_tb(error.__traceback__)]


def _is_database_away(error: BaseException) -> bool:
    """An operational error: the database is out of reach, locked, full, or lacks a table. Others may quote values."""
    return any(
        kind.__name__ == "OperationalError" and kind.__module__.startswith(("sqlalchemy", "sqlite3", "psycopg"))
        for kind in type(error).__mro__
    )


def _kind(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        return f"ValidationError of {error.title}"
    return type(error).__name__
