"""How the raw text of a dead letter is kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class RawForm(StrEnum):
    """What the table's `raw` column holds."""

    PLAIN = "plain"
    ABSENT = "absent"  # the letter is a whole file


class RawStorage(Protocol):
    """A way of keeping raw text."""

    def keep(self, raw: bytes | None) -> tuple[bytes | None, RawForm]:
        """What to store for a letter's raw text."""
        ...


class PlainText:
    """As it came."""

    def keep(self, raw: bytes | None) -> tuple[bytes | None, RawForm]:
        """The text itself."""
        return (raw, RawForm.ABSENT if raw is None else RawForm.PLAIN)
