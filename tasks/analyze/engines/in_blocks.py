"""Engines that hand over blocks of numpy arrays: many tallies in one pass, each in arrays.

A walk through an array costs a tenth of a group-by's hashing, and the tallies share what is read and made of it. What
needs too large arrays is left to group-bys.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from tasks.analyze.arrays import Array, Arrays, Place, column_of
from tasks.analyze.engines import Engine
from tasks.analyze.numbering import MemberNumbering
from tasks.analyze.tally import Key, Members, Numbers, Tally

Rows = nw.DataFrame[Any]

NUMBER = "number of "  # and a column's name: a column of blocks
MOST_MEMBERS = 3_000_000
ROWS_AT_ONCE = 150_000

_TALLY_BYTES = 2**28
_PASS_BYTES = 2**29
_COLUMN_BYTES = 8 * ROWS_AT_ONCE
_ROWS = 8  # for each place there have to be so many, where whole numbers are their own places


class BlockEngine(Engine):
    """An engine that makes tallies in arrays."""

    def __init__(self) -> None:
        self._numberings: dict[str, MemberNumbering | None] = {}  # None where there are too many

    def members(self, key: Members) -> pl.Series | None:
        """The different values of a column, in the order of their numbers.

        None of too many, and of texts that their hashes do not tell apart.
        """
        if key.column not in self._numberings:
            self._numberings[key.column] = self._numbered(key)
        numbering = self._numberings[key.column]
        return None if numbering is None else numbering.members

    def _numbered(self, key: Members) -> MemberNumbering | None:
        values = self._values(key.column) if key.known is None else iter([key.known])
        numbering: MemberNumbering | None = None
        for some in values:
            numbering = numbering or MemberNumbering(some.dtype)
            numbering.add(some)
            if numbering.members.len() > MOST_MEMBERS or not numbering.are_told_apart:
                return None
        if numbering is not None:
            numbering.members = numbering.members.rechunk()
        return numbering

    def _values(self, column: str) -> Iterator[pl.Series]:
        for rows in self.blocks([column], {column: nw.col(column)}):
            yield rows[column].to_polars()

    @abstractmethod
    def blocks(self, columns: Sequence[str], made: Mapping[str, nw.Expr]) -> Iterator[Rows]:
        """All rows in any order, about `ROWS_AT_ONCE` at a time.

        Args:
            columns: plain columns that are read.
            made: what blocks hold of them, by the names that it has there.
        """

    def numbers(self, column: str, values: nw.Series[Any]) -> Array:
        """The numbers of the members of a column; -1 where it has no value."""
        return self.numbering(column).of(values.to_polars())

    def numbering(self, column: str) -> MemberNumbering:
        """The numbers of the members of a column that has them."""
        numbering = self._numberings[column]
        assert numbering is not None
        return numbering

    def tallied(self, tallies: Sequence[Tally]) -> list[pl.DataFrame]:
        """What each tally asks for, in as few passes as memory allows."""
        planned = {at: self._planned(tally) for at, tally in enumerate(tallies)}
        passes = list(_together({at: arrays for at, arrays in planned.items() if arrays is not None}))
        del planned
        found: dict[int, pl.DataFrame] = {}
        while passes:
            together = passes.pop(0)
            self._run(list(together.values()))
            if not passes:
                self._numberings.clear()  # which are large, and hardly asked for again
            for at in sorted(together, key=lambda one: together[one].memory):  # the largest when others are gone
                found[at] = together.pop(at).result()
        return [found[at] if at in found else self.grouped(tally) for at, tally in enumerate(tallies)]

    def _planned(self, tally: Tally) -> Arrays | None:
        places = [self._place(key) for key in tally.every_key]
        known = [place for place in places if place is not None]
        arrays = Arrays(tally, known) if len(known) == len(places) else None
        return arrays if arrays is not None and arrays.memory <= _TALLY_BYTES else None

    def _place(self, key: Key) -> Place | None:
        if isinstance(key, Numbers):
            return _made_place(key.value, key.span)
        if key.ends is not None and key.span <= min(key.count // _ROWS, MOST_MEMBERS):
            return _made_place(key.value - key.ends[0], key.span, key.ends[0])
        members = self.members(key)
        if members is None or not key.keeps_missing:
            return None if members is None else Place(NUMBER + key.column, members.len(), members=members)
        with_missing = members.clone().extend_constant(None, 1)
        return Place(NUMBER + key.column, with_missing.len(), members=with_missing, last_is_missing=True)

    def _run(self, together: Sequence[Arrays]) -> None:
        read: list[str] = []
        made: dict[str, nw.Expr] = {}
        numbered: dict[str, None] = {}
        for arrays in together:
            read += arrays.tally.read
            made |= arrays.columns
            numbered |= dict.fromkeys(name.removeprefix(NUMBER) for name in arrays.numbered)
            arrays.start()
        members = {NUMBER + name: nw.col(name) for name in numbered}
        for rows in self.blocks(list(dict.fromkeys([*read, *numbered])), made | members):
            columns = rows.to_dict()
            block = {name: columns[name].to_numpy() for name in made}
            block |= {NUMBER + name: self.numbers(name, columns[NUMBER + name]) for name in numbered}
            for arrays in together:
                arrays.add(block)


def _made_place(value: nw.Expr, span: int, least: int = 0) -> Place:
    """Whole numbers that are their own places."""
    number = value.fill_null(-1).cast(nw.Int64)
    return Place(column_of(number), span, number, least=least)


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
