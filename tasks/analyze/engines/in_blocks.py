"""Engines that hand over blocks of numpy arrays: many tallies in one pass, each in arrays.

A walk through an array costs a tenth of a group-by's hashing, and the tallies share what is read and made of it. What
needs too large arrays is left to group-bys.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence

import narwhals as nw
import polars as pl

from tasks.analyze.arrays import Arrays, Block, Place
from tasks.analyze.engines import Engine
from tasks.analyze.numbering import MemberNumbering
from tasks.analyze.tally import Key, Members, Numbers, Tally

NUMBER = "number of "  # and a column's name: a column of blocks
MOST_MEMBERS = 3_000_000
ROWS_AT_ONCE = 200_000

_TALLY_BYTES = 2**28
_PASS_BYTES = 2**29
_COLUMN_BYTES = 8 * ROWS_AT_ONCE
_ROWS = 8  # for each place there have to be so many, where whole numbers are their own places


class BlockEngine(Engine):
    """An engine that makes tallies in arrays."""

    def __init__(self) -> None:
        self.numbering: dict[str, MemberNumbering] = {}

    def members(self, key: Members) -> pl.Series | None:
        """The different values of a column, in the order in which `blocks` numbers them.

        None of too many, and of those that their hashes do not tell apart.
        """
        if key.column not in self.numbering:
            members = self.found(key) if key.known is None else key.known
            if members is None or members.len() > MOST_MEMBERS:
                return None
            self.numbering[key.column] = MemberNumbering(members)
        numbering = self.numbering[key.column]
        return numbering.members if numbering.are_told_apart else None

    @abstractmethod
    def found(self, key: Members) -> pl.Series | None:
        """The different values of a column; where there are more than `MOST_MEMBERS`, that many and more, or None."""

    @abstractmethod
    def blocks(self, columns: Sequence[str], made: Mapping[str, nw.Expr], numbered: Sequence[str]) -> Iterator[Block]:
        """All rows in any order, about `ROWS_AT_ONCE` at a time.

        Args:
            columns: plain columns that are read.
            made: what blocks hold of them: numbers, none of them missing.
            numbered: columns whose `members` blocks number, under the column's name after `NUMBER`; -1 where it has
                no value.
        """

    def tallied(self, tallies: Sequence[Tally]) -> list[pl.DataFrame]:
        """What each tally asks for, in as few passes as memory allows."""
        planned = {at: self._planned(tally, f"{at} ") for at, tally in enumerate(tallies)}
        found: dict[int, pl.DataFrame] = {}
        for together in _together({at: arrays for at, arrays in planned.items() if arrays is not None}):
            self._run(list(together.values()))
            found |= {at: arrays.result() for at, arrays in together.items()}
        return [found[at] if at in found else self.grouped(tally) for at, tally in enumerate(tallies)]

    def _planned(self, tally: Tally, label: str) -> Arrays | None:
        places = [self._place(key, label) for key in tally.every_key]
        known = [place for place in places if place is not None]
        arrays = Arrays(tally, known, label) if len(known) == len(places) else None
        return arrays if arrays is not None and arrays.memory <= _TALLY_BYTES else None

    def _place(self, key: Key, label: str) -> Place | None:
        if isinstance(key, Numbers):
            return Place(label + key.name, key.span, key.value)
        if key.ends is not None and key.span <= min(key.count // _ROWS, MOST_MEMBERS):
            least = key.ends[0]
            return Place(NUMBER + key.column, key.span, key.value - least, least=least)
        members = self.members(key)
        if members is None or not key.keeps_missing:
            return None if members is None else Place(NUMBER + key.column, members.len(), members=members)
        with_missing = members.clone().extend_constant(None, 1)
        return Place(NUMBER + key.column, with_missing.len(), members=with_missing, last_is_missing=True)

    def _run(self, together: Sequence[Arrays]) -> None:
        read: list[str] = []
        made: dict[str, nw.Expr] = {}
        numbered: list[str] = []
        for arrays in together:
            read += arrays.tally.read
            made |= arrays.columns
            numbered += [name.removeprefix(NUMBER) for name in arrays.numbered]
            arrays.start()
        for block in self.blocks(list(dict.fromkeys(read)), made, list(dict.fromkeys(numbered))):
            for arrays in together:
                arrays.add(block)


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


def numbered_block(rows: pl.DataFrame, made: Collection[str], numbering: Mapping[str, MemberNumbering]) -> Block:
    """A block from what was made, and from the plain values of some columns: their numbers under `NUMBER` names."""
    numbers = {NUMBER + name: numbering[name].of(rows[NUMBER + name]) for name in numbering if NUMBER + name in rows}
    return {name: rows[name].to_numpy() for name in made} | numbers
