"""What may be said of an error: its kind and its place. Its text may quote the data, so it stays out of logs."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from pydantic import ValidationError

from expectations.errors import UsageError

_PROJECT_DIR = Path(__file__).resolve().parent.parent
# For a developer at a desk, who may see the data: error texts in full.
SHOW_TEXT = "SLUICE_SHOW_ERROR_TEXT"


def describe(error: BaseException) -> str:
    """One line without values: `ComputeError in tasks/validate/batch.py:40 (validate_batch)`.

    The text of a usage error is for the user and holds no data; an operating system's error names a file and a cause.
    """
    if os.environ.get(SHOW_TEXT) or isinstance(error, UsageError):
        return f"{_kind(error)}: {error}"
    if isinstance(error, OSError) and error.strerror:
        place = f": {Path(os.fsdecode(error.filename)).name}" if isinstance(error.filename, str | bytes) else ""
        return f"{_kind(error)}: {error.strerror}{place}"
    where = last_own_frame(error)
    return f"{_kind(error)} in {where}" if where else _kind(error)


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


def _kind(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        return f"ValidationError of {error.title}"
    return type(error).__name__
