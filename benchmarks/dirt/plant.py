"""Puts dirt on rows that have no other, and writes down where, and how each must end."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping
from itertools import accumulate
from random import Random
from typing import NamedTuple

import numpy as np
import polars as pl

from benchmarks.dirt.kind import Family, Kind
from benchmarks.dirt.kinds import KIND_OF_NAME, KINDS
from benchmarks.dirt.truth import GroundTruth
from benchmarks.events import BLOCK_ROWS, EventPlan
from benchmarks.formats import Record, Style, text_line

Shares = Mapping[str, float]


class Planting(NamedTuple):
    """One row to be spoiled; `source` is the earlier row that a twin is copied from."""

    kind: Kind
    row: int
    source: int | None


class Edit(NamedTuple):
    """What a row becomes: a line, or for Parquet a record; and what it was before damage was done to it."""

    row: int
    line: str
    record: Record
    clean: Record | None


def shares_for(style: Style, asked: Shares) -> dict[str, float]:
    """The share of each kind. A family's name, `all` or `damage`, stands for all of it that such a file can hold.

    Raises:
        ValueError: an unknown kind, a share out of range, a kind that the style cannot hold, or more dirt than rows.
    """
    families = [family for family in Family if family in asked]
    fitting = {k.name: asked[family] for family in families for k in KINDS if k.family is family and k.fits(style)}
    named = {name: share for name, share in asked.items() if name not in list(Family)}
    for name in named:
        _check(name, style)
    shares = fitting | named
    rows_used = sum(share * _rows_taken(KIND_OF_NAME[name]) for name, share in shares.items())
    if min(shares.values(), default=0) < 0 or rows_used > 1:
        raise ValueError(f"the shares of dirt must be 0 or more and use up at most 1 of the rows, not {rows_used:g}")
    return shares


def _check(name: str, style: Style) -> None:
    if name not in KIND_OF_NAME:
        raise ValueError(f"no kind of dirt is called {name!r} (known: {', '.join([*KIND_OF_NAME, *Family])})")
    if not KIND_OF_NAME[name].fits(style):
        raise ValueError(f"{name}: a {style.encoding} {style.file_format} file cannot hold this kind of dirt")


def spoil_block(plan: EventPlan, block: int, frame: pl.DataFrame, shares: Shares, truth: GroundTruth) -> list[Edit]:
    """Choose the rows of one block, spoil them, and note them in the ground truth."""
    style, random = truth.style, Random(f"{plan.seed}/{block}")
    plantings = _choose(plan, block, frame.height, shares)
    edits = [_spoil(planting, frame, style, random) for planting in plantings]
    line_of = _line_finder(edits, style.header_lines + 1 + truth.lines)
    for planting, edit in zip(plantings, edits, strict=True):
        rows = [planting.row]
        if planting.source is not None and planting.kind.ends_both:
            rows.append(planting.source)
        truth.add(planting.kind, [line_of(row) for row in rows], edit.clean)
    truth.read += frame.height
    truth.lines = line_of(frame.height) - style.header_lines - 1
    return edits


def _choose(plan: EventPlan, block: int, rows: int, shares: Shares) -> list[Planting]:
    """Which rows get which dirt, in the order of the rows. No row is chosen twice, sources included."""
    chosen: list[Planting] = []
    free = rows
    last = [KIND_OF_NAME[name] for name, share in shares.items() if share and KIND_OF_NAME[name].is_last_line]
    if last and block == plan.blocks - 1:
        free -= 1
        chosen.append(Planting(last[0], free, None))
    order = np.random.default_rng([plan.seed, block, 1]).permutation(free).tolist()
    for name, share in shares.items():
        kind = KIND_OF_NAME[name]
        for _ in range(0 if kind.is_last_line else _count(share, block, rows)):
            if len(order) >= _rows_taken(kind):
                taken = sorted(order.pop() for _ in range(_rows_taken(kind)))
                chosen.append(Planting(kind, taken[-1], taken[0] if kind.twin else None))
    return sorted(chosen, key=lambda planting: planting.row)


def _rows_taken(kind: Kind) -> int:
    return 2 if kind.twin else 1


def _count(share: float, block: int, rows: int) -> int:
    """How many plantings a block gets: over all blocks they are the share of the rows, rounded once."""
    first = block * BLOCK_ROWS
    return math.floor(share * (first + rows) + 0.5) - math.floor(share * first + 0.5)


def _spoil(planting: Planting, frame: pl.DataFrame, style: Style, random: Random) -> Edit:
    kind = planting.kind
    record: Record = list(frame.row(planting.row if planting.source is None else planting.source))
    clean = kind.clean(record, style, random) if kind.clean is not None else None
    record = clean or record
    change = kind.record or kind.twin
    if change is not None:
        record = change(record, random)
        return Edit(planting.row, text_line(record, style), record, clean)
    assert kind.line is not None
    return Edit(planting.row, kind.line(record, style, random), record, clean)


def _line_finder(edits: list[Edit], first_line: int) -> Callable[[int], int]:
    """From a row of the block to the physical line it begins on: some records before it may have several."""
    rows = [edit.row for edit in edits]
    extra = [0, *accumulate(edit.line.count("\n") for edit in edits)]
    return lambda row: first_line + row + extra[bisect_left(rows, row)]
