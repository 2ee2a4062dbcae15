"""Frames gathered and written to Parquet in pieces, so that neither a large file nor a flood is whole in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

_SPILL_BYTES = 4 << 20
_LETTERS = 20_000  # become Arrow at once, where each has the text of its reasons written out
_ROWS = 1 << 20

Options = dict[str, Any]  # of `pyarrow.parquet.ParquetWriter`
_SMALL: Options = {"compression": "zstd", "compression_level": 1}


class SpilledParquet:
    """A Parquet file that is made with its first rows.

    Attributes:
        path: of the file.
        schema: of the frames; None until there is one.
    """

    def __init__(
        self,
        path: Path,
        finish: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame,
        *,
        most_rows: int = _LETTERS,
        options: Callable[[pl.Schema], Options] = lambda _: _SMALL,
        compat_level: pl.CompatLevel | None = None,
    ) -> None:
        """Prepare a file.

        Args:
            path: of the file.
            finish: makes of some of the frames together what is written.
            most_rows: of a row group.
            options: how columns are written.
            compat_level: of Arrow, on the way to the writer.
        """
        self.path = path
        self.schema: pl.Schema | None = None
        self._finish = finish
        self._most_rows = most_rows
        self._options = options
        self._compat_level = compat_level
        self._held: list[pl.DataFrame] = []
        self._held_bytes = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, frame: pl.DataFrame | None) -> None:
        """Keep some rows; all frames have the same columns."""
        if frame is None:
            return
        self.schema = frame.schema
        if frame.height:
            self._held.append(frame)
            self._held_bytes += int(frame.estimated_size())
            if self._held_bytes > _SPILL_BYTES:
                self._spill()

    def close(self) -> None:
        """Write what is left."""
        if self._held:
            self._spill()
        if self._writer is not None:
            self._writer.close()

    def _spill(self) -> None:
        for some in self._finish(pl.concat(self._held)).iter_slices(self._most_rows):
            table = some.to_arrow(compat_level=self._compat_level)
            if self._writer is None:
                self._writer = pq.ParquetWriter(self.path, table.schema, **self._options(some.schema))
            self._writer.write_table(table)
        self._held, self._held_bytes = [], 0


def spilled_rows(path: Path) -> SpilledParquet:
    """A file of landed rows: numbers and times by their differences, which is quicker and a third smaller (0093)."""
    # The newest level hands texts over as they are, uncopied; lists, which rows have none of, it cannot write.
    return SpilledParquet(path, most_rows=_ROWS, options=_by_differences, compat_level=pl.CompatLevel.newest())


def _by_differences(schema: pl.Schema) -> Options:
    texts = [name for name, kind in schema.items() if kind == pl.String]
    whole = [name for name, kind in schema.items() if kind.is_integer() or kind.is_temporal() or kind.is_decimal()]
    return {
        "compression": "snappy",
        "use_dictionary": texts,
        "column_encoding": dict.fromkeys(whole, "DELTA_BINARY_PACKED"),
        "store_decimal_as_integer": True,
        "store_schema": False,  # texts are texts, whatever kind Polars has them in
        "write_statistics": [name for name in schema if name not in texts],  # of text they cost much and say little
    }
