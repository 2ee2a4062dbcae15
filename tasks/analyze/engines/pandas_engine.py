"""pandas: pyarrow reads and casts each column once; numbers are nullable Int64, text is Arrow text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations.contract import Column, ColumnType, Contract
from tasks.analyze.arrays import Array
from tasks.analyze.engines import CLOCK
from tasks.analyze.engines.dictionaries import counted_texts
from tasks.analyze.engines.in_blocks import BlockEngine, Rows
from tasks.analyze.plain import DAY

_PANDAS_TYPES = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype(), pa.string(): pd.StringDtype("pyarrow")}

_ROWS_AT_ONCE = 500_000  # more than others: each operation of pandas has a price of its own


class PandasBatch(BlockEngine):
    """Plain columns as pandas frames."""

    def __init__(self, paths: Sequence[Path], contract: Contract) -> None:
        super().__init__()
        self._contract = contract
        self._paths = list(paths)
        self._plain: dict[str, pd.Series[Any]] = {}  # read once, as a script would
        self._places: dict[str, pd.Index[Any]] = {}  # of members

    def frame(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Some plain columns."""
        return nw.from_native(self._read(columns)).lazy()

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Hand over a result."""
        return frame.collect().to_polars()

    def blocks(self, columns: Sequence[str], made: Mapping[str, nw.Expr]) -> Iterator[Rows]:
        """Slices of the columns."""
        frame, named = self._read(columns), [value.alias(name) for name, value in made.items()]
        for at in range(0, len(frame), _ROWS_AT_ONCE):
            yield nw.from_native(frame.iloc[at : at + _ROWS_AT_ONCE]).select(*named)

    def counted_texts(self, name: str, most: int) -> pl.DataFrame | None:
        """By the dictionaries of the files."""
        return counted_texts(self._paths, name, most)

    def numbers(self, column: str, values: nw.Series[Any]) -> Array:
        """By an index of pandas' own."""
        if column not in self._places:
            self._places[column] = pd.Index(self.numbering(column).members.to_list())
        numbers: Array = self._places[column].get_indexer(pd.Index(values.to_native()))
        return numbers.astype(np.int64)

    def _read(self, columns: Sequence[str]) -> pd.DataFrame:
        held_as = {name: _as_it_stands(self._contract, name) for name in columns}
        for name in held_as.values():
            if name not in self._plain:
                read = pa.concat_tables(_read_whole(path, _sources(self._contract, [name])) for path in self._paths)
                self._plain[name] = _made_plain(read, self._contract, [name])[name]
        return pd.DataFrame({name: self._plain[held] for name, held in held_as.items()}, copy=False)

    def close(self) -> None:
        """Let go of the columns."""
        self._plain.clear()
        self._places.clear()


def _read_whole(path: Path, columns: Sequence[str]) -> pa.Table:
    """Some columns of a file, in the thread at hand: to start others costs several times as much for a million rows."""
    with pq.ParquetFile(path) as file:
        return file.read(columns=list(columns), use_threads=False)


def plain_frame(path: str, row_groups: Sequence[int], contract: Contract, columns: Sequence[str]) -> pd.DataFrame:
    """Some plain columns of some row groups of a file."""
    read = pq.ParquetFile(path).read_row_groups(list(row_groups), columns=_sources(contract, columns))
    return _made_plain(read, contract, columns)


def _made_plain(read: pa.Table, contract: Contract, columns: Sequence[str]) -> pd.DataFrame:
    arrays = [_plain_or_clock(contract, name, read) for name in columns]
    table = pa.table(arrays, names=list(columns))
    frame: pd.DataFrame = table.to_pandas(types_mapper=_PANDAS_TYPES.get, self_destruct=True)
    return frame


def _sources(contract: Contract, columns: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(_source(contract, name) for name in columns))


def _source(contract: Contract, name: str) -> str:
    return contract.roles.start or "" if name == CLOCK else name


def _as_it_stands(contract: Contract, name: str) -> str:
    """A column that is the same: without a time zone the clock shows the start as it stands."""
    source = _source(contract, name)
    return name if contract.columns[source].time_zone is not None else source


def _plain_or_clock(contract: Contract, name: str, read: pa.Table) -> pa.ChunkedArray:
    source = _source(contract, name)
    column, values = contract.columns[source], read.column(source)
    if name == CLOCK and column.time_zone is not None:
        return pc.local_timestamp(values.cast(pa.timestamp("us", column.time_zone))).cast(pa.int64())
    return _plain(column, values)


def _plain(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    match column.type:
        case ColumnType.STRING:
            return values.cast(pa.string())
        case ColumnType.FLOAT:
            return pc.if_else(pc.is_finite(values), pc.add(values, 0.0), pa.scalar(None, pa.float64()))
        case ColumnType.DECIMAL:
            return _unscaled(values)
        case ColumnType.DATE:
            return pc.multiply(values.cast(pa.int32()).cast(pa.int64()), DAY)
        case _:
            return values.cast(pa.int64())


def _unscaled(values: pa.ChunkedArray) -> pa.ChunkedArray:
    precision = values.type.precision
    whole = [chunk.view(pa.decimal128(precision, 0)) for chunk in values.chunks]  # the same bytes, without the point
    return pa.chunked_array(whole, pa.decimal128(precision, 0)).cast(pa.int64())


def open_batch(paths: Sequence[Path], contract: Contract) -> BlockEngine:
    """Open a batch with pandas."""
    return PandasBatch(paths, contract)
