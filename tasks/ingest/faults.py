"""What makes a whole file a dead letter."""

from __future__ import annotations


class FileError(Exception):
    """A file that cannot be landed: it becomes one file-level dead letter with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class KeysCameLateError(Exception):
    """Records were refused for a column that came later in the file after all: read it again, knowing its columns."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__("a column came later")
        self.keys = keys
