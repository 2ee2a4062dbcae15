"""Row rules asked of rows that never came to the batch, because some of their values could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from expectations.polars_engine.failed_rows import failed_list
from expectations.polars_engine.values import Condition


@dataclass(frozen=True)
class UnreadRows:
    """Rows of which some values could not be read.

    Attributes:
        frame: the batch's columns, null where a value could not be read, and `unread`.
        unread: names a List(String) column: the columns of which that is so.
        path: gets Parquet with the columns to keep and, as List(UInt16), the indices of the rules that each row fails
            (`failed_column`) and of those that cannot be told of it (`unknown`).
    """

    frame: pl.LazyFrame
    unread: str
    path: Path


def write_unread_rows(
    rows: UnreadRows, conditions: Sequence[Condition | None], keep: Sequence[str], failed_column: str
) -> None:
    """Ask every rule of every row: failed, met, or unknown.

    A rule is unknown of a row where it looks at a value that could not be read, or at other rows: without this one
    they are not what they would have been.
    """
    unread = pl.col(rows.unread)
    flags: dict[str, pl.Expr] = {}
    for index, condition in enumerate(conditions):
        unknown = pl.lit(value=True) if condition is None else _is_unknown(condition, unread)
        failed = pl.lit(value=False) if condition is None else condition.failed & ~unknown
        flags |= {f"__gx_failed_{index}": failed, f"__gx_unknown_{index}": unknown}
    flagged = rows.frame.with_columns(flag.alias(name) for name, flag in flags.items())
    lists = [
        failed_list([f"__gx_{kind}_{index}" for index in range(len(conditions))]).alias(name)
        for kind, name in (("failed", failed_column), ("unknown", "unknown"))
    ]
    flagged.select(*keep, *lists).sink_parquet(rows.path, compression="lz4", mkdir=True, engine="streaming")


def _is_unknown(condition: Condition, unread: pl.Expr) -> pl.Expr:
    looked_at = [unread.list.contains(name) for name in condition.failed.meta.root_names()]
    if not condition.is_by_row or not looked_at:
        return pl.lit(value=not condition.is_by_row)
    return pl.any_horizontal(looked_at)
