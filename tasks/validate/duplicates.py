"""Duplicate rows: equal to an earlier row in every column of the contract. They are dropped and counted, not dead.

Rows that share the unique key but differ elsewhere are no duplicates: which of them is right is a person's question, so
the suite's uniqueness expectation rejects them all.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from expectations.contract import ColumnType, Contract
from tasks.dead_letters.letter import LINE
from tasks.validate.frames import PART

_ROW = "__row"
_HASH = "__hash"
_LINE_BITS = 40  # a file of 2**40 lines is some 50 TB


class Duplicates(NamedTuple):
    """What was found.

    Attributes:
        rows: to be dropped: `__part` UInt32, `__line` Int64, a row each.
        is_key_unique: no two rows share the unique key; False where that was not found out.
    """

    rows: pl.DataFrame
    is_key_unique: bool


def find_duplicates(frame: pl.LazyFrame, contract: Contract) -> Duplicates:
    """The rows to drop: all but the first of each group of equal rows, in the order of files and lines.

    Two passes, both streaming: the first finds the hashes of keys that occur twice, as the gate does for its own rules;
    the second compares only those rows, in full, so a collision of hashes costs time and never a row.
    """
    if not contract.unique_key:
        return Duplicates(_no_rows(), is_key_unique=False)
    from expectations.polars_engine.conditions.unique import repeated_hashes  # noqa: PLC0415  (Great Expectations)

    key_hash = pl.struct(contract.unique_key).hash(seed=0).alias(_HASH)
    rows = frame.select(pl.len()).collect(engine="streaming").item()
    hashes = repeated_hashes(frame.select(key_hash), rows).to_frame()
    if hashes.is_empty():
        return Duplicates(_no_rows(), is_key_unique=not _has_float_key(contract))
    row = (pl.col(PART).cast(pl.Int64) * (1 << _LINE_BITS) + pl.col(LINE)).alias(_ROW)
    candidates = frame.with_columns(key_hash).join(hashes.lazy(), on=_HASH, how="semi")
    groups = candidates.select(row, *contract.columns).group_by(list(contract.columns)).agg(pl.col(_ROW))
    repeats = groups.filter(pl.col(_ROW).list.len() > 1).select(pl.col(_ROW).list.sort().list.slice(1).explode())
    return Duplicates(_split_row(repeats).collect(engine="streaming"), is_key_unique=False)


def _has_float_key(contract: Contract) -> bool:
    """Whether part of the key may be NaN, which the gate takes for missing: keys that differ here may be one there."""
    return any(contract.columns[name].type == ColumnType.FLOAT for name in contract.unique_key)


def _split_row(rows: pl.LazyFrame) -> pl.LazyFrame:
    part = (pl.col(_ROW) // (1 << _LINE_BITS)).cast(pl.UInt32).alias(PART)
    line = (pl.col(_ROW) % (1 << _LINE_BITS)).alias(LINE)
    return rows.select(part, line).sort(PART, LINE)


def _no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema={PART: pl.UInt32, LINE: pl.Int64})
