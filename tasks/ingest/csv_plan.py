"""How one file's text columns become the contract's: worked out once, used on every block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.cast_column import is_doubtful, values_of
from tasks.ingest.csv_shape import Shape
from tasks.landed import polars_type

DOUBT, LAST_IS_NULL = "__doubt", "__last_is_null"


class Plan(NamedTuple):
    """A file's shape, and which of the contract's columns each of its columns is."""

    shape: Shape
    columns: tuple[str | None, ...]  # by the file's order; None: not read
    contract: Contract
    stand_ins: tuple[tuple[bytes, bytes], ...] = ()  # of the dialect's signs, `csv_signs.Signs`
    watched: tuple[str, ...] = ()  # columns beyond the contract's: a row with a value there is in doubt
    is_all_doubtful: bool = False

    def typed(self) -> list[pl.Expr]:
        """The contract's columns cast, whether a row is in doubt, and whether its last cell is null."""
        return [*self._values(), pl.any_horizontal(self._doubts()).alias(DOUBT), self._last_is_null()]

    def texts(self, records: pl.DataFrame) -> pl.DataFrame:
        """Records with the contract's columns and those watched as text, `__line` and `__span`."""
        return records.select(*(self._text(name).alias(name) for name in self.text_columns), LINE, SPAN)

    @property
    def text_columns(self) -> list[str]:
        """What `texts` gives."""
        return [*self.contract.columns, *self.watched]

    def _place(self, name: str) -> str | None:
        return str(self.columns.index(name)) if name in self.columns else None

    def _text(self, name: str) -> pl.Expr:
        place = self._place(name)
        if place is None:
            return pl.lit(None, pl.String)
        text = pl.col(place)
        for byte, sign in self.stand_ins:
            text = text.str.replace_all(byte.decode(), sign.decode(), literal=True)
        return text if "" in self.contract.null_values else text.fill_null("")

    def _values(self) -> Iterator[pl.Expr]:
        for name, column in self.contract.columns.items():
            is_there = self._place(name) is not None
            values = values_of(self._text(name), column) if is_there else pl.lit(None, polars_type(column))
            yield values.alias(name)

    def _doubts(self) -> Iterator[pl.Expr]:
        yield pl.lit(self.is_all_doubtful)
        yield from (self._text(name).fill_null("") != "" for name in self.watched)
        for name, column in self.contract.columns.items():
            if self._place(name) is not None:
                yield is_doubtful(self._text(name), column, self.contract.null_values)

    def _last_is_null(self) -> pl.Expr:
        return pl.col(self.shape.columns[-1]).is_null().alias(LAST_IS_NULL)
