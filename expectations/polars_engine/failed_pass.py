"""The failing rows of a batch as the engine needs them: one pass for all conditions, and another only for new ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import polars as pl

from expectations.polars_engine.failed_rows import ROW_NUMBER, FailedRows, write_failed_rows
from expectations.polars_engine.values import Condition

WriteFailed = Callable[[pl.LazyFrame, Sequence[Condition], Sequence[str]], FailedRows]


class Failing(NamedTuple):
    """The rows that fail any of some conditions, and the conditions that cannot be evaluated, each with its error."""

    rows: FailedRows
    broken: Mapping[Condition, Exception]


class FailedPass:
    """What was written of the failing rows of one batch.

    Attributes:
        write_next: makes the next pass in place of the own one; `check` writes the rejected rows with it.
    """

    def __init__(self) -> None:
        self.write_next: WriteFailed | None = None
        self._written: FailedRows | None = None
        self._numbers = count()
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def forget(self) -> None:
        """There is another batch now."""
        self._written = None

    def failing(self, frame: pl.LazyFrame, conditions: Sequence[Condition], columns: Sequence[str]) -> Failing:
        """The rows of the batch that fail any of the conditions, with some of its columns at least."""
        if self._written is not None and self._written.has(conditions, columns):
            return Failing(self._written, {})
        if ROW_NUMBER in columns:
            frame = frame.with_row_index(ROW_NUMBER)
        write, self.write_next = self.write_next or self._write_to_scratch, None
        broken: dict[Condition, Exception] = {}
        try:
            self._written = write(frame, conditions, columns)
        except Exception:
            broken = _broken(frame, conditions)
            if not broken:
                raise
            self._written = write(frame, [c for c in conditions if c not in broken], columns)
        return Failing(self._written, broken)

    def _write_to_scratch(
        self, frame: pl.LazyFrame, conditions: Sequence[Condition], columns: Sequence[str]
    ) -> FailedRows:
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="gx_polars_", ignore_cleanup_errors=True)
        path = Path(self._scratch.name) / f"failed_{next(self._numbers)}.parquet"
        return write_failed_rows(frame, conditions, path, columns)


def _broken(frame: pl.LazyFrame, conditions: Sequence[Condition]) -> dict[Condition, Exception]:
    """The conditions that cannot be evaluated on this frame, each with its error."""
    broken = {}
    for condition in conditions:
        try:
            frame.select(condition.failed.sum()).collect(engine="streaming")
        except Exception as error:  # noqa: BLE001  # said of the expectation that it belongs to
            broken[condition] = error
    return broken
