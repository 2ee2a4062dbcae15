"""Rows from all over a table that goes by in blocks, evenly spread, in bounded memory."""

from __future__ import annotations

import polars as pl


class SpreadRows:
    """All rows at first; every second one, every fourth one ... as more come by."""

    def __init__(self, least: int) -> None:
        """Keep at least so many rows, if there are as many, and less than twice as many."""
        self._least, self._step, self._seen = least, 1, 0
        self._kept: list[pl.DataFrame] = []

    def add(self, rows: pl.DataFrame) -> None:
        """Look at the next rows; they may have more columns than those before."""
        while sum(some.height for some in self._kept) + -(-rows.height // self._step) >= 2 * self._least:
            self._kept = [_copied(self.rows().gather_every(2))]
            self._step *= 2
        self._kept.append(_copied(rows.gather_every(self._step, -self._seen % self._step)))
        self._seen += rows.height

    def rows(self) -> pl.DataFrame:
        """What was kept, in order."""
        return pl.concat(self._kept, how="diagonal") if self._kept else pl.DataFrame()


def _copied(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without the block they were taken from, whose texts they would keep in memory."""
    return pl.DataFrame(rows.to_dict(as_series=False), schema=rows.schema)
