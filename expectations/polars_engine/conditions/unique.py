"""Row rules about uniqueness: which keys stand in more than one row, found in bounded memory, exactly.

Sorted 64-bit hashes of the keys show the few hashes that stand in several rows. Two different keys may share a hash, so
the rows with those hashes are read again and compared by their values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

ROWS_A_PARTITION = 10_000_000
_SEED = 17
_HASH, _ROWS, _IS_MIXED = "__gx_hash", "__gx_rows", "__gx_is_mixed"


Key = Sequence[pl.Expr]


def hash_key(key: Key) -> pl.Expr:
    """A key's hash: 64 bits."""
    return (key[0] if len(key) == 1 else pl.struct(key)).hash(seed=_SEED)


@dataclass(frozen=True)
class Duplicates:
    """The keys that stand in several rows.

    Attributes:
        hashes: of keys that are duplicated; no other key has one of these.
        keys: duplicated keys whose hash another key has too, as rows of the key columns; almost always none.
        hash_key: makes a key's hash.
    """

    hashes: pl.Series
    keys: pl.DataFrame
    hash_key: Callable[[Key], pl.Expr] = hash_key

    def contain(self, key: Key) -> pl.Expr:
        """Whether a row's key is among them."""
        found = self.hash_key(key).is_in(self.hashes.implode()) if len(self.hashes) else pl.lit(value=False)
        for row in self.keys.iter_rows():
            same = (part.eq_missing(pl.lit(value)) for part, value in zip(key, row, strict=True))
            found = found | pl.all_horizontal(same)
        return found


def find_duplicates(
    frame: pl.LazyFrame, key: Key, domain: pl.Expr, rows: int, hash_key: Callable[[Key], pl.Expr] = hash_key
) -> Duplicates:
    """The keys that stand in more than one row of the domain.

    Args:
        frame: the batch.
        key: the key's columns.
        domain: boolean expression: the rows that count.
        rows: about how many rows the batch has; past `ROWS_A_PARTITION` the hashes are counted part by part.
        hash_key: makes a key's hash, an unsigned number.
    """
    hashed = hash_key(key)
    narrow = frame.filter(domain).select(hashed.alias(_HASH))
    parts = max(1, -(-rows // ROWS_A_PARTITION))
    repeated = pl.concat([_repeated(narrow, part, parts) for part in range(parts)])
    if repeated.is_empty():
        return Duplicates(repeated, pl.DataFrame(), hash_key)
    candidates = frame.filter(domain & hashed.is_in(repeated.implode())).select(
        hashed.alias(_HASH), *(part.alias(f"key_{number}") for number, part in enumerate(key))
    )
    pure, keys = _recheck(candidates, len(key))
    return Duplicates(pure, keys, hash_key)


def may_repeat(part: pl.Expr, known: Duplicates) -> pl.Expr:
    """The rows whose key can stand in another row too, when it is known which values a part of the key repeats.

    Args:
        part: a column of the key.
        known: its values that stand in several rows, of all rows that have one.
    """
    return part.is_null() | known.contain([part])


def _repeated(hashes: pl.LazyFrame, part: int, parts: int) -> pl.Series:
    """The hashes that stand in several rows, of one part of all hashes.

    Sorting 64-bit numbers costs a sixth of the CPU of a group-by over them, and 16 bytes a row; on several threads it
    takes twice the CPU and hardly less time.
    """
    chosen = hashes if parts == 1 else hashes.filter(pl.col(_HASH) % parts == part)
    ordered = chosen.collect(engine="streaming").to_series().sort(multithreaded=False)
    return ordered.filter(ordered == ordered.shift(1)).unique(maintain_order=True)


def _recheck(candidates: pl.LazyFrame, width: int) -> tuple[pl.Series, pl.DataFrame]:
    """Tell keys that are equal from keys that only share their hash: the hashes of one key each, and other keys."""
    names = [f"key_{number}" for number in range(width)]
    is_mixed = pl.any_horizontal(_differs(name) for name in names).alias(_IS_MIXED)
    by_hash = candidates.group_by(_HASH).agg(is_mixed).collect(engine="streaming")
    mixed = by_hash.filter(_IS_MIXED)[_HASH]
    pure = by_hash.filter(~pl.col(_IS_MIXED))[_HASH].sort()
    doubtful = candidates.filter(pl.col(_HASH).is_in(mixed.implode()))
    counted = doubtful.group_by(names).agg(pl.len().alias(_ROWS)).filter(pl.col(_ROWS) > 1)
    keys = pl.DataFrame() if mixed.is_empty() else counted.select(names).collect(engine="streaming")
    return pure, keys


def _differs(name: str) -> pl.Expr:
    """Whether the rows of a group differ in a column, missing counting as a value of its own."""
    value = pl.col(name)
    some_missing = value.null_count() > 0
    return (some_missing & (value.count() > 0)) | (value.min() != value.max()).fill_null(value=False)
