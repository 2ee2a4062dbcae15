"""What bytes are read from: an opened source, or something that stands before it."""

from __future__ import annotations

from typing import Protocol


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, or about as many; none at the end."""
