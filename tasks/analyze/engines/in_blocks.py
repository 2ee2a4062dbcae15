"""Engines that hand over blocks of numpy arrays: many tallies in one pass, each in arrays.

A walk through an array costs a tenth of a group-by's hashing, and the tallies share what is read and made of it. What
needs too large arrays is left to group-bys.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from tasks.analyze.arrays import Arrays, Place
from tasks.analyze.engines import Engine
from tasks.analyze.tally import Key, Members, Tally

NUMBER = "__number_"  # and a column's name: the numbers of its members
MOST_MEMBERS = 3_000_000
ROWS_AT_ONCE = 200_000

_TALLY_BYTES = 2**28
_PASS_BYTES = 2**29
_COLUMN_BYTES = 8 * ROWS_AT_ONCE


class BlockEngine(Engine):
    """An engine that makes tallies in arrays."""

    @abstractmethod
    def numbered(self, key: Members) -> pl.Series | None:
        """The members of a column in the order in which they are numbered; None of more than `MOST_MEMBERS`.

        From then on `blocks` knows their numbers, under the column's name after `NUMBER`.
        """

    @abstractmethod
    def blocks(self, columns: Sequence[str]) -> Iterator[nw.LazyFrame[Any]]:
        """Some plain columns, and numbers of members: all rows in any order, about `ROWS_AT_ONCE` at a time."""

    def tallied(self, tallies: Sequence[Tally]) -> list[pl.DataFrame]:
        """What each tally asks for, in as few passes as memory allows."""
        planned = {at: self._planned(tally) for at, tally in enumerate(tallies)}
        found: dict[int, pl.DataFrame] = {}
        for together in _together({at: arrays for at, arrays in planned.items() if arrays is not None}):
            self._run(together)
            found |= {at: arrays.result() for at, arrays in together.items()}
        return [found[at] if at in found else self.grouped(tally) for at, tally in enumerate(tallies)]

    def _planned(self, tally: Tally) -> Arrays | None:
        places = [self._place(key) for key in tally.every_key]
        known = [place for place in places if place is not None]
        arrays = Arrays(tally, known) if len(known) == len(places) else None
        return arrays if arrays is not None and arrays.memory <= _TALLY_BYTES else None

    def _place(self, key: Key) -> Place | None:
        if not isinstance(key, Members):
            return Place(key.value, key.span)
        members = self.numbered(key)
        if members is None:
            return None
        number, span = nw.col(NUMBER + key.column), members.len()
        if not key.keeps_missing:
            return Place(number, span, members)
        return Place(number.fill_null(span), span + 1, members.extend_constant(None, 1))

    def _run(self, together: dict[int, Arrays]) -> None:
        columns = {at: {name: f"{at} {name}" for name in arrays.columns} for at, arrays in together.items()}
        made = [value.alias(columns[at][name]) for at, one in together.items() for name, value in one.columns.items()]
        read = [name for arrays in together.values() for name in _read(arrays.tally)]
        for arrays in together.values():
            arrays.start()
        for rows in self.blocks(list(dict.fromkeys(read))):
            block = rows.select(*made).collect()
            for at, arrays in together.items():
                arrays.add({name: block.get_column(column).to_numpy() for name, column in columns[at].items()})


def _read(tally: Tally) -> list[str]:
    """Columns, and numbers in the place of members."""
    return [*tally.columns, *(NUMBER + key.column for key in tally.every_key if isinstance(key, Members))]


def _together(planned: dict[int, Arrays]) -> Iterator[dict[int, Arrays]]:
    """Tallies for one pass after the other."""
    some: dict[int, Arrays] = {}
    memory = 0
    for at, arrays in planned.items():
        needed = arrays.memory + len(arrays.columns) * _COLUMN_BYTES
        if some and memory + needed > _PASS_BYTES:
            yield some
            some, memory = {}, 0
        some[at], memory = arrays, memory + needed
    if some:
        yield some
