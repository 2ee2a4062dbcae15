"""One result table: what it is about, which roles it needs, and its columns."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

Column = tuple[pl.DataType | type[pl.DataType], str]  # type, and what it means

MOMENT = pl.Datetime("us")


@dataclass(frozen=True)
class ResultTable:
    """What a table is about, in one sentence; the roles without which it is not made; its columns."""

    about: str
    columns: dict[str, Column]
    needs: tuple[str, ...] = ()

    @property
    def schema(self) -> pl.Schema:
        """Names and types."""
        return pl.Schema({name: dtype for name, (dtype, _) in self.columns.items()})


DURATION_SUMS: dict[str, Column] = {
    "total_duration_seconds": (pl.Float64, "sum of the durations that count, from whole microseconds"),
    "mean_duration_seconds": (pl.Float64, "their mean"),
}
VALUE_SUMS: dict[str, Column] = {
    "total_value": (pl.Float64, "sum of the values, in the value column's unit; decimals are added up exactly"),
    "mean_value": (pl.Float64, "mean of the values that are there"),
}
