"""What the block readers need to know of a file: its dialect in bytes, and how many columns it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from tasks.models import Dialect

LF, CR, NUL = 10, 13, 0

# A record may span this much; a quote that stays open for longer was never meant to be one.
MAX_JOIN_LINES = 1000
MAX_JOIN_BYTES = 1 << 20

# Whether the cells of a line, read on its own, would make a row of the contract: the sign that a quote before it was
# never closed. None where the columns are all text, which anything fits.
LooksLikeRow = Callable[[list[str]], bool]


class Shape(NamedTuple):
    """One file's dialect and width."""

    dialect: Dialect
    width: int
    looks_like_row: LooksLikeRow | None = None

    @property
    def line_end(self) -> int:
        """The byte that ends a line; a CR before an LF belongs to the line end as well."""
        return CR if self.dialect.line_end == "\r" else LF

    @property
    def delimiter(self) -> int:
        """The delimiter as a byte."""
        return ord(self.dialect.delimiter)

    @property
    def quote(self) -> int | None:
        """The quote as a byte."""
        return ord(self.dialect.quote) if self.dialect.quote else None

    @property
    def escape(self) -> int | None:
        """The escape as a byte; None where the quote escapes itself."""
        has_own = self.dialect.escape is not None and self.dialect.escape != self.dialect.quote
        return ord(self.dialect.escape or "") if has_own else None

    @property
    def columns(self) -> list[str]:
        """Names of the columns while they are text: their places."""
        return [str(place) for place in range(self.width)]

    @property
    def schema(self) -> dict[str, type[pl.String]]:
        """All columns, as text."""
        return dict.fromkeys(self.columns, pl.String)
