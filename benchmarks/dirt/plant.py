"""Puts dirt on rows that have no other, and writes down where, and how each must end."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from benchmarks.dirt.kinds import KIND_OF_NAME, KINDS, Ending, Kind
from benchmarks.events import BLOCK_ROWS, EventPlan
from benchmarks.formats import Record, Style, text_line

Shares = Mapping[str, float]


class Planting(NamedTuple):
    """One row to be spoiled; `source` is the earlier row that a twin is copied from."""

    kind: Kind
    row: int
    source: int | None


class Edit(NamedTuple):
    """What a row becomes: a line, or for Parquet a record."""

    row: int
    line: str
    record: Record


@dataclass
class Marks:
    """Where one kind was planted."""

    planted: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass
class GroundTruth:
    """How every record of a file must end."""

    style: Style
    read: int = 0
    lines: int = 0  # physical lines of the records so far
    marks: dict[str, Marks] = field(default_factory=dict)

    def add(self, kind: Kind, lines: list[int]) -> None:
        """Note one planting, with the first physical line of each record it spoils."""
        marks = self.marks.setdefault(kind.name, Marks())
        marks.planted += 1
        marks.lines.extend(lines)

    def add_repeated(self, records: int) -> None:
        """Note records at the beginning, a line each, that another file of the batch has as well."""
        first_line = self.style.header_lines + 1
        for line in range(first_line, first_line + records):
            self.add(KIND_OF_NAME["duplicate_row"], [line])
        self.read += records
        self.lines += records

    def balance(self) -> dict[str, int]:
        """Law 1, as it must come out."""
        ended = dict.fromkeys(Ending, 0)
        for name, marks in self.marks.items():
            ended[KIND_OF_NAME[name].ending] += len(marks.lines)
        spoiled = ended[Ending.DEAD] + ended[Ending.DUPLICATE] + ended[Ending.BLANK]
        return {
            "read": self.read,
            "accepted": self.read - spoiled,
            "dead": ended[Ending.DEAD],
            "duplicate": ended[Ending.DUPLICATE],
            "blank": ended[Ending.BLANK],
        }

    def document(self) -> dict[str, Any]:
        """All of it, for a JSON file."""
        return {
            "balance": self.balance(),
            "kinds": {kind.name: _entry(kind, self.marks[kind.name]) for kind in KINDS if kind.name in self.marks},
        }


def _entry(kind: Kind, marks: Marks) -> dict[str, Any]:
    return {
        "means": kind.means,
        "planted": marks.planted,
        "ends_as": kind.ending.value,
        "stage": kind.stage,
        "code": kind.code,
        "column": kind.column,
        "lines": sorted(marks.lines),
    }


def shares_for(style: Style, asked: Shares) -> dict[str, float]:
    """The share of each kind, `all` standing for every kind that a file of this style can hold.

    Raises:
        ValueError: an unknown kind, a share out of range, a kind that the style cannot hold, or more dirt than rows.
    """
    fitting = {kind.name: asked["all"] for kind in KINDS if kind.fits(style)} if "all" in asked else {}
    named = {name: share for name, share in asked.items() if name != "all"}
    for name in named:
        _check(name, style)
    shares = fitting | named
    rows_used = sum(share * (2 if KIND_OF_NAME[name].twin else 1) for name, share in shares.items())
    if min(shares.values(), default=0) < 0 or rows_used > 1:
        raise ValueError(f"the shares of dirt must be 0 or more and use up at most 1 of the rows, not {rows_used:g}")
    return shares


def _check(name: str, style: Style) -> None:
    if name not in KIND_OF_NAME:
        raise ValueError(f"no kind of dirt is called {name!r} (known: {', '.join(KIND_OF_NAME)}, all)")
    if not KIND_OF_NAME[name].fits(style):
        raise ValueError(f"{name}: a {style.encoding} {style.file_format} file cannot hold this kind of dirt")


def spoil_block(plan: EventPlan, block: int, frame: pl.DataFrame, shares: Shares, truth: GroundTruth) -> list[Edit]:
    """Choose the rows of one block, spoil them, and note them in the ground truth."""
    style, random = truth.style, Random(f"{plan.seed}/{block}")
    plantings = _choose(plan, block, frame.height, shares)
    edits = [_spoil(planting, frame, style, random) for planting in plantings]
    first_line = style.header_lines + 1 + truth.lines
    line_of = _line_finder(edits, first_line)
    for planting in plantings:
        rows = [planting.row]
        if planting.source is not None and planting.kind.ends_both:
            rows.append(planting.source)
        truth.add(planting.kind, [line_of(row) for row in rows])
    truth.read += frame.height
    truth.lines = line_of(frame.height) - style.header_lines - 1
    return edits


def _choose(plan: EventPlan, block: int, rows: int, shares: Shares) -> list[Planting]:
    """Which rows get which dirt, in the order of the rows. No row is chosen twice, sources included."""
    order = np.random.default_rng([plan.seed, block, 1]).permutation(rows).tolist()
    chosen: list[Planting] = []
    for name, share in shares.items():
        kind = KIND_OF_NAME[name]
        for _ in range(_count(share, block, rows)):
            taken = sorted(order.pop() for _ in range(min(len(order), 2 if kind.twin else 1)))
            if len(taken) == (2 if kind.twin else 1):
                chosen.append(Planting(kind, taken[-1], taken[0] if kind.twin else None))
    return sorted(chosen, key=lambda planting: planting.row)


def _count(share: float, block: int, rows: int) -> int:
    """How many plantings a block gets: over all blocks they are the share of the rows, rounded once."""
    first = block * BLOCK_ROWS
    return math.floor(share * (first + rows) + 0.5) - math.floor(share * first + 0.5)


def _spoil(planting: Planting, frame: pl.DataFrame, style: Style, random: Random) -> Edit:
    kind = planting.kind
    record: Record = list(frame.row(planting.row if planting.source is None else planting.source))
    change = kind.record or kind.twin
    if change is not None:
        record = change(record, random)
        return Edit(planting.row, text_line(record, style), record)
    assert kind.line is not None
    return Edit(planting.row, kind.line(record, style, random), record)


def _line_finder(edits: list[Edit], first_line: int) -> Callable[[int], int]:
    """From a row of the block to the physical line it begins on: some records before it may have several."""
    rows = [edit.row for edit in edits]
    extra = [0, *accumulate(edit.line.count("\n") for edit in edits)]
    return lambda row: first_line + row + extra[bisect_left(rows, row)]
