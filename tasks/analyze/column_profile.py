"""The profile of every column of the contract: summary, most frequent values, histogram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl

from expectations.contract import ColumnType
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.by_entity import ENTITY
from tasks.analyze.exact import shown
from tasks.analyze.look import Look
from tasks.analyze.measures import DURATION, VALUE
from tasks.analyze.plain import Kind, as_text, is_number, kind_of
from tasks.analyze.ranks import ALL, Ranks
from tasks.analyze.schemas import table_of
from tasks.analyze.spread import CATEGORY, spread_of
from tasks.analyze.tables.columns import column_row, time_row
from tasks.analyze.tables.histograms import number_bands, number_bins, time_bins
from tasks.analyze.tables.outliers import five_of
from tasks.analyze.values import LISTED, counted_values, text_extent, times

Row = dict[str, object]


@dataclass(frozen=True)
class ColumnProfile:
    """What is known already when columns are profiled."""

    batch: BatchFrame
    look: Look
    entities: pl.DataFrame | None
    categories: pl.DataFrame | None
    ranks: dict[str, Ranks]
    times: dict[str, tuple[pl.DataFrame, pl.DataFrame]]  # results of `times_tallies`, by column


def profile_columns(known: ColumnProfile) -> Iterator[tuple[str, pl.DataFrame]]:
    """The tables about columns, but for the correlations."""
    rows = _Rows()
    for name in known.batch.contract.columns:
        _add_column(known, name, rows)
    if DURATION in known.ranks and known.ranks[DURATION].ladder(ALL).total:
        rows.add_number(DURATION, known.ranks[DURATION])
    yield "column_summary", table_of("column_summary", rows.summary)
    yield "column_top_values", table_of("column_top_values", rows.top)
    yield "column_histogram", table_of("column_histogram", rows.bins)
    yield "column_times", table_of("column_times", rows.times)
    yield "column_bands", table_of("column_bands", rows.bands)


@dataclass
class _Rows:
    """The rows of the tables so far."""

    summary: list[Row] = field(default_factory=list)
    top: list[Row] = field(default_factory=list)
    bins: list[Row] = field(default_factory=list)
    bands: list[Row] = field(default_factory=list)
    times: list[Row] = field(default_factory=list)

    def add_number(self, name: str, ranks: Ranks, *, are_whole: bool = False) -> None:
        """How a number that has values is spread."""
        five = five_of(ranks)
        self.bins += number_bins(name, ranks, five, are_whole=are_whole)
        self.bands += number_bands(name, ranks, five)


def _add_column(known: ColumnProfile, name: str, rows: _Rows) -> None:
    """Add one column's rows to each of the tables; each column is read once for each of them at most."""
    batch, look = known.batch, known.look
    column, count = batch.contract.columns[name], look.counts[name]
    ranks = _ranks(known, name)
    in_time = times(batch, look.scales[name], *known.times[name]) if name in known.times else None
    counted = _counted(known, name, ranks)
    if counted is not None:
        distinct = counted.height
    elif in_time is not None and column.type == ColumnType.DATETIME:
        distinct = int(in_time.bins["distinct"].sum())
    else:
        distinct, counted = counted_values(batch, name, count) if count else (0, None)
    text = text_extent(batch, name, counted) if count and kind_of(column) == Kind.TEXT else None
    rows.summary.append(column_row(batch.contract, look, name, distinct, ranks or text))
    if counted is not None and not column.personal and column.type != ColumnType.DATETIME:
        best = counted.head(LISTED)
        texts = as_text(column, best["value"])
        for rank, (value, often) in enumerate(zip(texts, best["count"], strict=True), start=1):
            share = shown(Fraction(often, count))
            rows.top.append({"column": name, "rank": rank, "value": value, "count": often, "share": share})
    if in_time is not None:
        rows.bins += time_bins(name, column, in_time.bins)
        if not column.personal:
            rows.times.append(time_row(name, column, Ranks(batch, in_time.spread)))
    elif ranks is not None and column.type != ColumnType.BOOLEAN:
        rows.add_number(name, ranks, are_whole=column.type == ColumnType.INTEGER)


def _ranks(known: ColumnProfile, name: str) -> Ranks | None:
    """The spread of a column that is a number and has a value."""
    batch, look = known.batch, known.look
    column = batch.contract.columns[name]
    if not is_number(column) or name == batch.contract.roles.entity or not look.counts[name]:
        return None
    if name == batch.contract.roles.value:
        return known.ranks[VALUE]
    return Ranks(batch, spread_of(batch, look.scales[name]))


def _counted(known: ColumnProfile, name: str, ranks: Ranks | None) -> pl.DataFrame | None:
    """All values of a column with their counts, plain, most frequent first, where other tables counted them already."""
    roles = known.batch.contract.roles
    for role, table, key in (("entity", known.entities, ENTITY), ("category", known.categories, CATEGORY)):
        if table is not None and getattr(roles, role) == name:
            return table.select(pl.col(key).alias("value"), "count")
    if ranks is None or not ranks.knows_all:
        return None
    ladder, scale = ranks.ladder(ALL), known.look.scales[name]
    counted = pl.DataFrame({"value": ladder.low + scale.base, "count": ladder.count})
    return counted.sort("count", "value", descending=[True, False])
