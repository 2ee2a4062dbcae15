"""What is raised when a source cannot be read as what it claims to be."""

from __future__ import annotations


class SourceError(Exception):
    """A file that cannot be read, or not to its end: it becomes one file-level dead letter and the other files go on.

    Not for faults that may pass: a network that is down raises `ConnectionError` or `TimeoutError`, which are retried.

    Attributes:
        code: the dead letter's reason code, from the list in `docs/decisions/0020-sources.md`.
        message: what is wrong and what to do, without values.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, ...]]:
        return type(self), (self.code, self.message)


class LostSourceError(SourceError):
    """A file of which rows have landed cannot be read again, though raw text of some of them is needed.

    Attributes:
        uri: the file.
    """

    def __init__(self, code: str, message: str, uri: str) -> None:
        super().__init__(code, message)
        self.uri = uri

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, ...]]:
        return type(self), (self.code, self.message, self.uri)
