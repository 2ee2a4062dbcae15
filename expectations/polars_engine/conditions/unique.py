"""Row rules about uniqueness: which keys stand in more than one row, found in bounded memory, exactly.

Sorted 64-bit hashes of the keys show the few hashes that stand in several rows. Two different keys may share a hash, so
the rows with those hashes are compared by their values afterwards (`recheck`): they are at hand then, as failing rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
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
        hashes: of keys that are duplicated. Until they are rechecked, other keys may have one of these too.
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


NO_DUPLICATES = Duplicates(pl.Series(dtype=pl.UInt64), pl.DataFrame())


def find_duplicates(
    frame: pl.LazyFrame, key: Key, domain: pl.Expr, rows: int, hash_key: Callable[[Key], pl.Expr] = hash_key
) -> Duplicates:
    """The keys that stand in more than one row of the domain, and any that share their hash with another key.

    Args:
        frame: the batch.
        key: the key's columns.
        domain: boolean expression: the rows that count.
        rows: about how many rows the batch has; past `ROWS_A_PARTITION` the hashes are counted part by part.
        hash_key: makes a key's hash, an unsigned number.
    """
    hashed = hash_key(key)
    repeated = repeated_hashes(frame.filter(domain).select(hashed.alias(_HASH)), rows)
    return Duplicates(repeated, pl.DataFrame(), hash_key)


def recheck(found: Duplicates, key: Key, rows: pl.LazyFrame) -> Duplicates:
    """What was found, less the keys that only share their hash with another one.

    Args:
        found: as `find_duplicates` gives it.
        key: the key's columns.
        rows: all rows of the domain whose key is among those found.

    Returns:
        `found` itself where there is none of that kind.
    """
    names = [f"key_{number}" for number in range(len(key))]
    parts = (part.alias(name) for part, name in zip(key, names, strict=True))
    candidates = rows.select(found.hash_key(key).alias(_HASH), *parts)
    is_mixed = pl.any_horizontal(_differs(name) for name in names)
    mixed = candidates.group_by(_HASH).agg(is_mixed.alias(_IS_MIXED)).filter(_IS_MIXED).select(_HASH)
    shared = mixed.collect(engine="streaming").to_series()
    if shared.is_empty():
        return found
    counted = candidates.filter(pl.col(_HASH).is_in(shared.implode())).group_by(names).agg(pl.len().alias(_ROWS))
    keys = counted.filter(pl.col(_ROWS) > 1).select(names).collect(engine="streaming")
    return replace(found, hashes=found.hashes.filter(~found.hashes.is_in(shared.implode())), keys=keys)


def may_repeat(part: pl.Expr, known: Duplicates) -> pl.Expr:
    """The rows whose key can stand in another row too, when it is known which values a part of the key repeats.

    Args:
        part: a column of the key.
        known: its values that stand in several rows (rechecked or not), of all rows that have one.
    """
    return part.is_null() | known.contain([part])


def repeated_hashes(hashes: pl.LazyFrame, rows: int) -> pl.Series:
    """The hashes that stand in several rows, each once.

    Args:
        hashes: a column of unsigned 64-bit numbers, made once.
        rows: about how many there are; past `ROWS_A_PARTITION` they are put on disk, 8 bytes each, in parts that are
            looked at one by one.
    """
    parts = 1 << max(0, -(-rows // ROWS_A_PARTITION) - 1).bit_length()
    if parts == 1:
        return _repeated(hashes.collect(engine="streaming").to_series())
    with tempfile.TemporaryDirectory(prefix="gx_polars_") as folder:
        paths = [Path(folder) / str(part) for part in range(parts)]
        _put_apart(hashes, paths)
        return pl.concat([_repeated(pl.Series(np.fromfile(path, np.uint64))) for path in paths])


def _put_apart(hashes: pl.LazyFrame, paths: Sequence[Path]) -> None:
    """Write hashes to as many files as there are paths (a power of two), by their last bits."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        for batch in hashes.collect_batches(maintain_order=False, engine="streaming"):
            some = batch.to_series().to_numpy()
            part_of_each = some & np.uint64(len(files) - 1)
            for part, file in enumerate(files):
                some[part_of_each == part].tofile(file)


def _repeated(found: pl.Series) -> pl.Series:
    """Those of some hashes that stand there several times.

    Sorting 64-bit numbers costs a sixth of the CPU of a group-by over them, and 24 bytes a row; on several threads it
    takes twice the CPU and hardly less time, the lower and the upper half beside each other do not.
    """
    is_upper = found > (1 << 63)
    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(_neighbours, (found.filter(~is_upper), found.filter(is_upper)))
        return pl.concat(halves)


def _neighbours(hashes: pl.Series) -> pl.Series:
    ordered = hashes.sort(multithreaded=False)
    return ordered.filter(ordered == ordered.shift(1)).unique(maintain_order=True)


def _differs(name: str) -> pl.Expr:
    """Whether the rows of a group differ in a column, missing counting as a value of its own."""
    value = pl.col(name)
    some_missing = value.null_count() > 0
    return (some_missing & (value.count() > 0)) | (value.min() != value.max()).fill_null(value=False)
