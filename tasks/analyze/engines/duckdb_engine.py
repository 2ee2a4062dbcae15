"""DuckDB: a lazy relation over the Parquet files, spilling to disk past its memory limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.analyze.engines import CLOCK
from tasks.analyze.engines.in_blocks import ROWS_AT_ONCE, BlockEngine, Rows
from tasks.analyze.plain import DAY

_MEMORY_LIMIT = "800MB"


class DuckdbBatch(BlockEngine):
    """Plain columns by SQL."""

    def __init__(self, paths: Sequence[Path], contract: Contract) -> None:
        super().__init__()
        self._contract = contract
        self._paths = [str(path) for path in paths]
        self._spill = TemporaryDirectory(prefix="sluice-duckdb-")
        self._connection = duckdb.connect(
            config={
                "memory_limit": _MEMORY_LIMIT,
                "temp_directory": self._spill.name,
                "preserve_insertion_order": "false",
            }
        )

    def frame(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Some plain columns."""
        fields = ", ".join(f"{self._plain(name)} AS {_quoted(name)}" for name in columns)
        relation = self._connection.read_parquet(self._paths, union_by_name=True)
        return nw.from_native(relation.project(fields))

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a query."""
        relation: duckdb.DuckDBPyRelation = frame.to_native()
        result: pl.DataFrame = relation.pl()
        return result

    def blocks(self, columns: Sequence[str], made: Mapping[str, nw.Expr]) -> Iterator[Rows]:
        """Blocks as DuckDB streams them."""
        named = [value.alias(name) for name, value in made.items()]
        relation: duckdb.DuckDBPyRelation = self.frame(columns).select(*named).to_native()
        for rows in relation.to_arrow_reader(ROWS_AT_ONCE):
            yield nw.from_native(pl.DataFrame(rows))

    def close(self) -> None:
        """Close the connection and remove what was spilled."""
        self._connection.close()
        self._spill.cleanup()

    def _plain(self, name: str) -> str:
        if name == CLOCK:
            start = self._contract.roles.start or ""
            return _clock(start, self._contract.columns[start])
        return _plain(name, self._contract.columns[name])


def _plain(name: str, column: Column) -> str:
    value = _quoted(name)
    match column.type:
        case ColumnType.STRING:
            return value
        case ColumnType.FLOAT:
            return f"CASE WHEN {value} = 0 THEN 0.0::DOUBLE WHEN isfinite({value}) THEN {value} END"
        case ColumnType.DECIMAL:
            wide = f"CAST({value} AS DECIMAL(28, {column.scale}))"  # 18 digits would not hold the product
            return f"CAST({wide} * {10**column.scale} AS BIGINT)"
        case ColumnType.DATE:
            return f"CAST(date_diff('day', DATE '1970-01-01', {value}) AS BIGINT) * {DAY}"
        case ColumnType.DATETIME:
            return f"epoch_us({value})"
        case _:
            return f"CAST({value} AS BIGINT)"


def _clock(name: str, column: Column) -> str:
    if column.time_zone is None:
        return _plain(name, column)
    zone = column.time_zone.replace("'", "''")
    return f"epoch_us(timezone('{zone}', {_quoted(name)}))"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def open_batch(paths: Sequence[Path], contract: Contract) -> BlockEngine:
    """Open a batch with DuckDB."""
    return DuckdbBatch(paths, contract)
