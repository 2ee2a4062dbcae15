"""Polars: lazy, streaming, one query at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.analyze.engines import CLOCK, KEYS_AT_ONCE, Engine
from tasks.analyze.plain import DAY
from tasks.landed import landed_schema


class PolarsBatch(Engine):
    """Plain columns by a lazy scan."""

    unites_bits = True

    def __init__(self, paths: Sequence[Path], contract: Contract) -> None:
        self._contract = contract
        self._scan = pl.scan_parquet(list(paths), schema=landed_schema(contract), extra_columns="ignore")

    def frame(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Some plain columns."""
        return nw.from_native(self._scan.select(self._plain(name).alias(name) for name in columns))

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a query in the streaming engine."""
        lazy: pl.LazyFrame = frame.to_native()
        return lazy.collect(engine="streaming")

    def united(self, frame: nw.LazyFrame[Any], key: str, bits: Sequence[str]) -> nw.LazyFrame[Any]:
        """Bits put together within groups."""
        lazy: pl.LazyFrame = frame.to_native()
        return nw.from_native(lazy.group_by(key).agg(pl.col(bits).bitwise_or()))

    def parts(
        self, frame: nw.LazyFrame[Any], key: str, count: int, at_once: int = KEYS_AT_ONCE
    ) -> list[nw.LazyFrame[Any]]:
        """As many parts as keep each in memory; the number is estimated, and changes no result."""
        if count <= at_once:
            return [frame]
        lazy: pl.LazyFrame = frame.to_native()
        keys = int(lazy.select(pl.col(key).approx_n_unique()).collect(engine="streaming").item())
        many = -(-keys // at_once)
        if many == 1:
            return [frame]
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
