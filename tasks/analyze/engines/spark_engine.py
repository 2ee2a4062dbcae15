"""Spark: the session that is active, or a local one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
from pyspark.sql import Column as SparkColumn
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812  (as all of Spark's own documentation has it)

from expectations.contract import Column, ColumnType, Contract
from tasks.analyze.engines import CLOCK, Engine
from tasks.analyze.plain import DAY


class SparkBatch(Engine):
    """Plain columns by Spark expressions."""

    def __init__(self, paths: Sequence[Path], contract: Contract) -> None:
        self._contract = contract
        self._owns = SparkSession.getActiveSession() is None
        self._session = SparkSession.getActiveSession() or _local_session()
        self._rows = self._session.read.parquet(*map(str, paths))

    def frame(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Some plain columns."""
        frame: nw.LazyFrame[Any] = nw.from_native(
            self._rows.select(*(self._plain(name).alias(name) for name in columns))
        )
        return frame

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a query; the small result comes over as Arrow."""
        return pl.DataFrame(frame.to_native().toArrow())

    def close(self) -> None:
        """Stop the session, if it was started here."""
        if self._owns:
            self._session.stop()

    def _plain(self, name: str) -> SparkColumn:
        if name == CLOCK:
            start = self._contract.roles.start or ""
            return _clock(start, self._contract.columns[start])
        return _plain(name, self._contract.columns[name])


def _plain(name: str, column: Column) -> SparkColumn:
    value = F.col(f"`{name.replace('`', '``')}`")
    match column.type:
        case ColumnType.STRING:
            return value
        case ColumnType.FLOAT:
            is_finite = ~F.isnan(value) & (F.abs(value) != float("inf"))
            return F.when(value == 0, 0.0).when(is_finite, value)
        case ColumnType.DECIMAL:
            return (value * F.lit(10**column.scale)).cast("bigint")
        case ColumnType.DATE:
            return F.unix_date(value).cast("bigint") * F.lit(DAY)
        case ColumnType.DATETIME:
            return F.unix_micros(value.cast("timestamp"))
        case _:
            return value.cast("bigint")


def _clock(name: str, column: Column) -> SparkColumn:
    if column.time_zone is None:
        return _plain(name, column)
    return F.unix_micros(F.from_utc_timestamp(F.col(f"`{name}`"), column.time_zone))


def _local_session() -> SparkSession:
    builder = SparkSession.builder.master("local[*]").appName("sluice")
    settings = {
        "spark.sql.session.timeZone": "UTC",  # times without a zone are read as they stand
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.ansi.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def open_batch(paths: Sequence[Path], contract: Contract) -> Engine:
    """Open a batch with Spark."""
    return SparkBatch(paths, contract)
