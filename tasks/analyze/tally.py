"""What is to be counted and added up by group, said before it is done: an engine may do many tallies in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import narwhals as nw
import polars as pl


@dataclass(frozen=True)
class Numbers:
    """A key: whole numbers from 0, all of them smaller than `span`. Rows without one are left out."""

    name: str
    value: nw.Expr
    span: int


@dataclass(frozen=True)
class Members:
    """A key: the values of a column of the contract, plain, of which there are `count`, equal ones and all."""

    name: str
    column: str
    count: int
    known: pl.Series | None = None  # the different ones, where they are known
    keeps_missing: bool = False  # rows without one are a group too; else they are left out
    ends: tuple[int, int] | None = None  # the least and the most, if they are whole numbers

    @property
    def span(self) -> int:
        """How many whole numbers there are from the least to the most."""
        least, most = self.ends or (0, -1)
        return most - least + 1

    @property
    def value(self) -> nw.Expr:
        """The column."""
        return nw.col(self.column)


Key = Numbers | Members


@dataclass(frozen=True)
class Extremes:
    """What the least and the most of is wanted."""

    value: nw.Expr
    is_float: bool = False
    are_all_there: bool = False  # so that least and most are taken of the same, as it stands


@dataclass(frozen=True)
class Tally:
    """What to find out about each group of rows.

    The result has a row for each group that has rows: the keys, by their names, and with `distinct` how many different
    values of that key, `distinct`. Without it `count`, the rows, and by their names how many of them something is true
    of, sums of whole numbers, and least and most, `<name>_min` and `<name>_max`.
    """

    keys: tuple[Key, ...]
    columns: tuple[str, ...] = ()  # of the contract, which expressions are made of
    sums: Mapping[str, nw.Expr] = field(default_factory=dict)
    counts: Mapping[str, nw.Expr] = field(default_factory=dict)  # what is true or false, never missing
    extremes: Mapping[str, Extremes] = field(default_factory=dict)
    distinct: Key | None = None  # rows without it are left out

    @property
    def every_key(self) -> tuple[Key, ...]:
        """What has to be there for a row to count."""
        return self.keys if self.distinct is None else (*self.keys, self.distinct)

    @property
    def read(self) -> list[str]:
        """All columns of the contract that have to be read."""
        members = [key.column for key in self.every_key if isinstance(key, Members)]
        return list(dict.fromkeys([*self.columns, *members]))
