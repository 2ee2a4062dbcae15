"""What differs between engines: reading Parquet into plain columns, and handing a small result over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from expectations.contract import Contract
from expectations.errors import UsageError
from tasks.analyze.groups import cut_by, grouped, put_together, rows_of
from tasks.analyze.tally import Tally
from tasks.models import EngineName

CLOCK = "__clock"  # wall-clock time of the start role, for days and hours: microseconds, in the contract's time zone

_EXTRA_PACKAGES: dict[EngineName, tuple[str, ...]] = {"dask": ("dask", "distributed"), "spark": ("pyspark",)}


class Engine(ABC):
    """One engine over one batch; what it does no better than others need not be said."""

    counts_distinct_in_groups = True  # whether `n_unique` is right in a group-by

    @abstractmethod
    def frame(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Some of the contract's columns, and `CLOCK` where it is asked for, as plain columns."""

    @abstractmethod
    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a query whose result is small."""

    def picked(self, columns: Sequence[str], condition: nw.Expr) -> pl.DataFrame:
        """Some plain columns of the rows that meet a condition, which must be few."""
        return self.collect(self.frame(columns).filter(condition))

    def counted_texts(self, name: str, most: int) -> pl.DataFrame | None:  # noqa: ARG002  (for those that can)
        """How often each text of a column occurs, `value` and `count`, without putting texts together.

        None where the engine cannot, or where there are more than `most`.
        """
        return None

    def tallied(self, tallies: Sequence[Tally]) -> list[pl.DataFrame]:
        """What each tally asks for; by a group-by each, where an engine has nothing better."""
        return [self.grouped(tally) for tally in tallies]

    def grouped(self, tally: Tally) -> pl.DataFrame:
        """One tally by a group-by, of parts where there may be too many groups."""
        rows = rows_of(self.frame(tally.read), tally)
        cut = cut_by(tally)
        parts = [rows] if cut is None else self.parts(rows, *cut)
        lazy = [grouped(part, tally, counts_in_groups=self.counts_distinct_in_groups) for part in parts]
        return put_together([self.collect(one) for one in lazy], tally)

    def about(self, frame: nw.LazyFrame[Any], name: str) -> int:
        """About how many different values a column has."""
        return int(self.collect(frame.select(nw.col(name).n_unique())).item())

    def parts(
        self,
        frame: nw.LazyFrame[Any],
        key: str,  # noqa: ARG002  (for those that cut)
        count: int,  # noqa: ARG002
        at_once: int,  # noqa: ARG002
    ) -> list[nw.LazyFrame[Any]]:
        """Cut a frame by the hash of a key, so that a group-by on each part fits in memory; else the whole.

        Args:
            frame: the rows.
            key: equal keys end up in the same part.
            count: at most how many different keys there are.
            at_once: about how many different keys a part may have.
        """
        return [frame]

    def close(self) -> None:  # noqa: B027  (most hold nothing)
        """Give back what the engine holds."""


def require_engine(name: EngineName) -> None:
    """Make sure that an engine can be had, before any work is done for it.

    Raises:
        UsageError: a package it needs is not installed.
    """
    for package in _EXTRA_PACKAGES.get(name, ()):
        if find_spec(package) is None:
            raise UsageError(
                f"engine {name}: the package {package!r} is not installed; "
                "`pip install -r requirements-extras.txt` brings it, or choose another engine"
            )


def open_engine(name: EngineName, paths: Sequence[Path], contract: Contract) -> Engine:
    """Start an engine; only the one that is asked for is imported."""
    module = import_module(f"tasks.analyze.engines.{name}_engine")
    opened: Engine = module.open_batch(paths, contract)
    return opened
