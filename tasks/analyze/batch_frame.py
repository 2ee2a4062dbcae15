"""A batch as the tables ask for it: some plain columns, a query, a small result."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import narwhals as nw
import polars as pl

from expectations.contract import Contract
from tasks.analyze.engines import Engine
from tasks.analyze.tally import Tally

Asked = TypeVar("Asked", bound=Hashable)


class BatchFrame(NamedTuple):
    """Accepted rows on one engine."""

    engine: Engine
    contract: Contract

    def frame(self, *columns: str) -> nw.LazyFrame[Any]:
        """Some of the contract's columns, plain."""
        return self.engine.frame(list(dict.fromkeys(columns)))

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a query whose result is small."""
        return self.engine.collect(frame)

    def tallied(self, asked: Mapping[Asked, Tally]) -> dict[Asked, pl.DataFrame]:
        """Make tallies, in one pass where the engine can."""
        return dict(zip(asked, self.engine.tallied(list(asked.values())), strict=True))

    def one(self, columns: Iterable[str], aggregates: Sequence[nw.Expr]) -> dict[str, Any]:
        """Run aggregates over the whole batch; the one row that comes out."""
        return self.collect(self.frame(*columns).select(*aggregates)).row(0, named=True)
