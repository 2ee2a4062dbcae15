"""Dask: the same plain columns as the pandas engine makes, a partition at a time, on threads or on a cluster.

Where a `distributed.Client` is active its workers do the work; elsewhere Dask's own threads.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dask
import dask.dataframe as dd
import narwhals as nw
import pandas as pd
import polars as pl

from expectations.contract import Contract
from tasks.analyze.engines import Engine
from tasks.analyze.engines.pandas_engine import plain_frame
from tasks.analyze.engines.pieces import pieces_of

_ROWS_AT_ONCE = 1_000_000


class DaskBatch(Engine):
    """Plain columns as a Dask frame: a partition for some row groups of a file."""

    counts_distinct_in_groups = False  # Dask adds up what its partitions count, and a value may be in several

    def __init__(self, paths: Sequence[Path], contract: Contract) -> None:
        self._contract = contract
        self._pieces = [(piece.path, piece.groups) for piece in pieces_of(paths, _ROWS_AT_ONCE)]

    def frame(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Some plain columns."""
        wanted = list(columns)
        empty = plain_frame(*self._pieces[0], self._contract, wanted).head(0)
        files, groups = zip(*self._pieces, strict=True)
        frame = dd.from_map(plain_frame, files, groups, contract=self._contract, columns=wanted, meta=empty)
        with warnings.catch_warnings():
            # Narwhals wants a package of its own for Dask in future; 2.29, which is pinned, does without
            warnings.filterwarnings("ignore", "Dask support is moving out", FutureWarning)
            lazy: nw.LazyFrame[Any] = nw.from_native(frame)
        return lazy

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a query; the small result is a pandas frame."""
        with dask.config.set({"dataframe.convert-string": False}):
            result: pd.DataFrame = frame.to_native().compute()
        return pl.from_pandas(result)


def open_batch(paths: Sequence[Path], contract: Contract) -> Engine:
    """Open a batch with Dask."""
    return DaskBatch(paths, contract)
