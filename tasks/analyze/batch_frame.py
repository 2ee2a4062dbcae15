"""A batch as the tables ask for it: some plain columns, a query, a small result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from expectations.contract import Contract
from tasks.analyze.engines import Engine


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

    def counted(self, frame: nw.LazyFrame[Any], key: str, value: str) -> pl.DataFrame:
        """Rows (`count`) and different values (`distinct`) of each key; `value` must not be missing."""
        count = nw.len().alias("count")
        if self.engine.counts_distinct_in_groups:
            found = self.collect(frame.group_by(key).agg(count, nw.col(value).n_unique().alias("distinct")))
        else:
            rows = self.collect(frame.group_by(key).agg(count))
            pairs = frame.select(key, value).unique().group_by(key).agg(nw.len().alias("distinct"))
            found = rows.join(self.collect(pairs), on=key)
        return found.cast({key: pl.Int64, "count": pl.Int64, "distinct": pl.Int64})

    def united(self, frame: nw.LazyFrame[Any], key: str, bits: Sequence[str]) -> pl.DataFrame:
        """Each key with all bits that some columns of single bits, or of nothing, have in its rows; 0 for none."""
        if self.engine.unites_bits:
            found = self.collect(self.engine.united(frame, key, bits))
        else:
            found = self.collect(frame.select(key).unique())
            for name in bits:
                pairs = frame.select(key, name).filter(~nw.col(name).is_null()).unique()
                summed = self.collect(pairs.group_by(key).agg(nw.col(name).sum()))  # of different single bits
                found = found.join(summed, on=key, how="left")
        return found.with_columns(pl.col(list(bits)).cast(pl.Int64).fill_null(0))

    def one(self, columns: Iterable[str], aggregates: Sequence[nw.Expr]) -> dict[str, Any]:
        """Run aggregates over the whole batch; the one row that comes out."""
        return self.collect(self.frame(*columns).select(*aggregates)).row(0, named=True)
