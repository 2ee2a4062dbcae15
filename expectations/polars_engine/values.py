"""Metric values that are not computed yet: what the engine gathers, to scan the batch as rarely as it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(eq=False)
class Condition:
    """One compiled row rule. Counts, samples and rejected rows all come from `failed`. Equal only to itself.

    Attributes:
        failed: boolean expression, never null: this row does not meet the expectation.
        columns: the columns it looks at.
        domain: boolean expression: the rows it looks at; None stands for all of them.
        is_by_row: whether a row fails or not whatever the other rows are.
        recheck: for one that may be true of rows that do not fail: what is right instead, from the rows that it is true
            of; None where it was right.
    """

    failed: pl.Expr
    columns: tuple[str, ...]
    domain: pl.Expr | None
    is_by_row: bool = True
    recheck: Callable[[pl.LazyFrame], pl.Expr | None] | None = None


@dataclass(frozen=True)
class Aggregate:
    """A value made from expressions of one value each, all evaluated in one `select` over the whole batch."""

    expressions: tuple[pl.Expr, ...]
    finish: Callable[..., Any]


@dataclass(frozen=True)
class OverFailed:
    """A value made from the rows that fail one condition.

    Attributes:
        condition: which rows.
        columns: what is needed of them; empty where their number is enough.
        limit: how many of them; None stands for all.
        finish: gets the number of failed rows and the rows (`columns`, at most `limit`, in the order of the batch).
    """

    condition: Condition
    columns: tuple[str, ...]
    limit: int | None
    finish: Callable[[int, pl.DataFrame], Any]


Pending = Aggregate | OverFailed
