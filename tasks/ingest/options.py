"""What is given about a file instead of being found out: by a user on the command line, or pinned in a contract."""

from __future__ import annotations

from typing import NamedTuple

from expectations.pins import Pins
from tasks.models import Dialect


class ReadOptions(NamedTuple):
    """How a text file is written. What is None is found out; an empty quote or escape means that there is none."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header_rows: int | None = None
    skip_rows: int | None = None
    line_end: str | None = None

    @classmethod
    def pinned(cls, pins: Pins | None) -> ReadOptions:
        """What a contract pins of a file."""
        return cls() if pins is None else cls(**pins.model_dump(exclude={"files"}))

    @property
    def is_layout_given(self) -> bool:
        """Whether it is said where the table begins, and how many rows its header has."""
        return self.header_rows is not None

    def apply(self, dialect: Dialect) -> Dialect:
        """A dialect with what is given put in."""
        given = {
            "delimiter": self.delimiter,
            "quote": self.quote,
            "escape": self.escape,
            "header_rows": self.header_rows,
            "skip_rows": self.skip_rows,
            "line_end": self.line_end,
        }
        known = {name: value for name, value in given.items() if value is not None}
        return dialect.model_copy(update={name: None if value == "" else value for name, value in known.items()})
