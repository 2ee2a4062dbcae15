"""Polars: lazy and streaming."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.analyze.engines import CLOCK, Engine
from tasks.analyze.engines.dictionaries import counted_texts
from tasks.analyze.engines.in_blocks import ROWS_AT_ONCE, BlockEngine, Rows
from tasks.analyze.engines.pieces import pieces_of
from tasks.analyze.plain import DAY
from tasks.landed import landed_schema
from tasks.one_ahead import one_ahead

_LEAST_PIECES = 20  # of a file: what is held of a small batch stays small
_MANY_AT_ONCE = 500_000  # rows of one column, or of several of which little is kept


class PolarsBatch(BlockEngine):
    """Plain columns by a lazy scan."""

    def __init__(self, paths: Sequence[Path], contract: Contract) -> None:
        super().__init__()
        self._contract = contract
        self._paths = list(paths)

    def frame(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Some plain columns."""
        return self._plain(self._paths, columns)

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a query in the streaming engine."""
        lazy: pl.LazyFrame = frame.to_native()
        return lazy.collect(engine="streaming")

    def blocks(self, columns: Sequence[str], made: Mapping[str, nw.Expr]) -> Iterator[Rows]:
        """A piece of a file after the other, the next one read meanwhile; a streamed query would hold many at once."""
        named = [value.alias(name) for name, value in made.items()]
        rows_at_once = max(ROWS_AT_ONCE, _MANY_AT_ONCE // len(named))
        return one_ahead(map(_collected, self._pieces(columns, named, rows_at_once)))

    def counted_texts(self, name: str, most: int) -> pl.DataFrame | None:
        """By the dictionaries of the files."""
        return counted_texts(self._paths, name, most)

    def picked(self, columns: Sequence[str], condition: nw.Expr) -> pl.DataFrame:
        """From pieces: a streamed query over all rows that filters reads far ahead.

        What a filter leaves is put together at once: it holds the room of all that it was picked from.
        """
        picked: list[pl.DataFrame] = []
        for piece in self._pieces(columns, [nw.col(name) for name in columns], _MANY_AT_ONCE):
            some = self.collect(nw.from_native(piece).filter(condition))
            picked = [pl.concat([*picked, some], rechunk=True)]
        return picked[0]

    def _pieces(self, columns: Sequence[str], named: Sequence[nw.Expr], rows_at_once: int) -> Iterator[pl.LazyFrame]:
        for path in self._paths:
            frame: pl.LazyFrame = self._plain([path], columns).select(*named).to_native()
            for piece in pieces_of([path], rows_at_once, _LEAST_PIECES):
                yield frame.slice(piece.first_row, piece.rows)

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

    def _plain(self, paths: Sequence[Path], columns: Sequence[str]) -> nw.LazyFrame[Any]:
        rows = pl.scan_parquet(list(paths), schema=landed_schema(self._contract), extra_columns="ignore")
        return nw.from_native(rows.select(self._plain_column(name).alias(name) for name in columns))

    def _plain_column(self, name: str) -> pl.Expr:
        if name == CLOCK:
            start = self._contract.roles.start or ""
            return _clock(start, self._contract.columns[start])
        return _plain(name, self._contract.columns[name])


def _collected(piece: pl.LazyFrame) -> Rows:
    return nw.from_native(piece.collect(engine="in-memory").rechunk())


def _plain(name: str, column: Column) -> pl.Expr:
    value = pl.col(name)
    match column.type:
        case ColumnType.STRING:
            return value
        case ColumnType.FLOAT:
            return pl.when(value == 0).then(0.0).when(value.is_finite()).then(value)
        case ColumnType.DECIMAL:
            return value.to_physical().cast(pl.Int64, wrap_numerical=True)  # 18 digits fit: nothing to check
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
