"""The one streaming pass that writes every row failing any row-level rule, with a flag for each rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from expectations.polars_engine.values import Condition

ROW_NUMBER = "__gx_row"  # position in the batch, from 0
_SAMPLED_ROWS = 50_000
_RULES_A_TABLE = 8


@dataclass(frozen=True)
class FailedRows:
    """The rows that fail any of some conditions, on disk.

    Attributes:
        path: Parquet with the batch's columns, a boolean column for each condition, and perhaps `failed`.
        flags: for each condition the name of its boolean column.
        columns: which columns of the batch there are.
    """

    path: Path
    flags: Mapping[Condition, str]
    columns: frozenset[str]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows fail each condition, by flag column."""
        sums = self._scan().select(pl.col(name).sum() for name in set(self.flags.values()))
        return {name: int(total or 0) for name, total in sums.collect(engine="streaming").row(0, named=True).items()}

    def has(self, conditions: Iterable[Condition], columns: Iterable[str]) -> bool:
        """Whether these conditions can be read from here, with these columns."""
        return self.flags.keys() >= set(conditions) and self.columns.issuperset(columns)

    def count(self, condition: Condition) -> int:
        """How many rows fail one condition."""
        return self.counts[self.flags[condition]]

    def rows(self, condition: Condition, columns: Sequence[str], limit: int | None) -> pl.DataFrame:
        """The first rows that fail one condition, in the order of the batch."""
        flag = self.flags[condition]
        wanted = self.counts[flag] if limit is None else min(limit, self.counts[flag])
        rows = self._first_rows.filter(flag).select(columns).head(wanted)
        if rows.height < wanted:
            rows = self._scan().filter(pl.col(flag)).select(columns).head(wanted).collect(engine="streaming")
        return rows

    @cached_property
    def _first_rows(self) -> pl.DataFrame:
        """Enough rows to take most samples from, read once."""
        return self._scan().head(_SAMPLED_ROWS).collect()

    def _scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path)


def write_failed_rows(
    frame: pl.LazyFrame,
    conditions: Sequence[Condition],
    path: Path,
    columns: Sequence[str] | None = None,
    *,
    rules: Sequence[Condition | None] = (),
    failed_column: str = "failed",
) -> FailedRows:
    """Write the rows of `frame` that fail any condition.

    Args:
        frame: the batch.
        conditions: what a row can fail.
        path: where to; replaced.
        columns: which columns of the frame to keep; None stands for all.
        rules: with them, a column lists for each row the positions of the rules that it fails, as List(UInt16). A
            condition may stand more than once (two expectations say the same), None for one that has no condition.
        failed_column: the name of that column.
    """
    kept = frame.collect_schema().names() if columns is None else _with_keys(columns, conditions)
    flags = {condition: f"__gx_failed_{number}" for number, condition in enumerate(conditions)}
    flagged = frame.with_columns(condition.failed.alias(flag) for condition, flag in flags.items())
    failing = flagged.filter(pl.any_horizontal(flags.values()) if flags else pl.lit(value=False))
    narrow = failing.select(*kept, *flags.values())
    if rules:
        listed = failed_list([None if rule is None else flags.get(rule) for rule in rules])
        narrow = narrow.with_columns(listed.alias(failed_column))
    narrow.sink_parquet(path, compression="lz4", mkdir=True, engine="streaming")
    if any(_was_wrong(condition, path, flag) for condition, flag in flags.items()):
        return write_failed_rows(frame, conditions, path, columns, rules=rules, failed_column=failed_column)
    return FailedRows(path, flags, frozenset(kept))


def _with_keys(columns: Sequence[str], conditions: Sequence[Condition]) -> list[str]:
    """The columns to keep and those that are needed to recheck conditions."""
    keys = (name for condition in conditions if condition.recheck is not None for name in condition.columns)
    return list(dict.fromkeys((*columns, *keys)))


def _was_wrong(condition: Condition, path: Path, flag: str) -> bool:
    """Recheck a condition that was not exact by the rows that were written, once, and put it right."""
    if condition.recheck is None:
        return False
    exact = condition.recheck(pl.scan_parquet(path).filter(flag))
    condition.recheck = None
    condition.failed = condition.failed if exact is None else exact
    return exact is not None


def failed_list(flags: Sequence[str | None]) -> pl.Expr:
    """The positions of the flag columns that are true, as a List(UInt16).

    Eight flags make a number that is looked up in a table of 256 lists: ten times faster than making the lists from
    sixty flags one by one.
    """
    if not flags:
        return pl.lit(None, pl.List(pl.UInt16))
    starts = range(0, len(flags), _RULES_A_TABLE)
    parts = [_listed(flags[start : start + _RULES_A_TABLE], start) for start in starts]
    return parts[0] if len(parts) == 1 else pl.concat_list(parts)


def _listed(flags: Sequence[str | None], start: int) -> pl.Expr:
    number = pl.lit(0, pl.UInt8)
    for bit, flag in enumerate(flags):
        if flag is not None:
            number = number + pl.col(flag).cast(pl.UInt8) * pl.lit(1 << bit, pl.UInt8)
    lists = [[start + bit for bit in range(len(flags)) if value >> bit & 1] for value in range(1 << len(flags))]
    return pl.lit(pl.Series(lists, dtype=pl.List(pl.UInt16))).gather(number)
