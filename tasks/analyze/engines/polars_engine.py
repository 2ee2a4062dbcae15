"""Polars: lazy and streaming."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.analyze.arrays import Block
from tasks.analyze.engines import CLOCK, Engine
from tasks.analyze.engines.in_blocks import MOST_MEMBERS, NUMBER, BlockEngine, numbered_block
from tasks.analyze.plain import DAY
from tasks.analyze.tally import Members
from tasks.landed import landed_schema


class PolarsBatch(BlockEngine):
    """Plain columns by a lazy scan."""

    def __init__(self, paths: Sequence[Path], contract: Contract) -> None:
        super().__init__()
        self._contract = contract
        self._scan = pl.scan_parquet(list(paths), schema=landed_schema(contract), extra_columns="ignore")

    def frame(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Some plain columns."""
        return nw.from_native(self._scan.select(self._plain(name).alias(name) for name in columns))

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a query in the streaming engine."""
        lazy: pl.LazyFrame = frame.to_native()
        return lazy.collect(engine="streaming")

    def blocks(self, columns: Sequence[str], made: Mapping[str, nw.Expr], numbered: Sequence[str]) -> Iterator[Block]:
        """Blocks as the streaming engine makes them."""
        frame = self.frame(list(dict.fromkeys([*columns, *numbered])))
        named = [value.alias(name) for name, value in made.items()]
        lazy: pl.LazyFrame = frame.select(*named, *(nw.col(name).alias(NUMBER + name) for name in numbered)).to_native()
        for rows in lazy.collect_batches(maintain_order=False, engine="streaming"):
            yield numbered_block(rows, made, self.numbering)

    def found(self, key: Members) -> pl.Series | None:
        """The different values of a column, unless there are too many by an estimate."""
        frame = self.frame([key.column])
        if key.count > MOST_MEMBERS and self.about(frame, key.column) > MOST_MEMBERS:
            return None
        column: pl.LazyFrame = frame.to_native()
        return column.drop_nulls().unique().collect(engine="streaming").to_series()

    def about(self, frame: nw.LazyFrame[Any], name: str) -> int:
        """An estimate in little memory."""
        lazy: pl.LazyFrame = frame.to_native()
        return int(lazy.select(pl.col(name).approx_n_unique()).collect(engine="streaming").item())

    def parts(self, frame: nw.LazyFrame[Any], key: str, count: int, at_once: int) -> list[nw.LazyFrame[Any]]:
        """As many parts as keep each in memory; the number is estimated, and changes no result."""
        if count <= at_once:
            return [frame]
        many = -(-self.about(frame, key) // at_once)
        if many == 1:
            return [frame]
        lazy: pl.LazyFrame = frame.to_native()
        return [nw.from_native(lazy.filter(pl.col(key).hash() % many == at)) for at in range(many)]

    def _plain(self, name: str) -> pl.Expr:
        if name == CLOCK:
            start = self._contract.roles.start or ""
            return _clock(start, self._contract.columns[start])
        return _plain(name, self._contract.columns[name])


def _plain(name: str, column: Column) -> pl.Expr:
    value = pl.col(name)
    match column.type:
        case ColumnType.STRING:
            return value
        case ColumnType.FLOAT:
            return pl.when(value == 0).then(0.0).when(value.is_finite()).then(value)
        case ColumnType.DECIMAL:
            return value.to_physical().cast(pl.Int64)
        case ColumnType.DATE:
            return value.cast(pl.Int64) * DAY
        case _:
            return value.cast(pl.Int64)


def _clock(name: str, column: Column) -> pl.Expr:
    if column.time_zone is None:
        return _plain(name, column)
    return pl.col(name).dt.convert_time_zone(column.time_zone).dt.replace_time_zone(None).cast(pl.Int64)


def open_batch(paths: Sequence[Path], contract: Contract) -> Engine:
    """Open a batch with Polars."""
    return PolarsBatch(paths, contract)
