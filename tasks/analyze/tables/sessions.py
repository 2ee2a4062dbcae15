"""Session metrics: one row an entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import CLOCK
from tasks.analyze.exact import Sums, exact_sums
from tasks.analyze.look import Look
from tasks.analyze.plain import as_text
from tasks.analyze.schema import shaped

KEY = "__entity"  # the entity itself, plain, kept until tables are written


def session_metrics(batch: BatchFrame, look: Look) -> pl.DataFrame:
    """Metrics of every entity, most sessions first, with the plain entity in `KEY`; rows without one are left out."""
    roles = batch.contract.roles
    entity = roles.entity or ""
    sums = _sums(look)
    grouped = _frame(batch, entity, sums).group_by(KEY).agg(*_aggregates(batch, sums))
    metrics = batch.collect(grouped)
    for one in sums:
        metrics = one.finish(metrics)
    if roles.category is not None:
        metrics = metrics.join(_categories(batch, entity, roles.category), on=KEY, how="left")
    ordered = metrics.sort("sessions", KEY, descending=[True, False])
    return ordered.with_columns(_labels(batch, ordered[KEY]))


def written(metrics: pl.DataFrame) -> pl.DataFrame:
    """Session metrics as their table shows them."""
    seconds = "duration_seconds"
    names = {
        f"{seconds}_n": "timed_sessions",
        **{f"{seconds}_{what}": f"{what}_{seconds}" for what in ("total", "mean", "min", "max", "std")},
        "value_total": "total_value",
        "value_mean": "mean_value",
    }
    return shaped("session_metrics", metrics.rename(names, strict=False))


def _sums(look: Look) -> list[Sums]:
    sums = []
    if look.durations is not None:
        sums.append(exact_sums(look.durations.scale, look.rows, with_squares=True))
    if look.value is not None:
        sums.append(exact_sums(look.value, look.rows, with_squares=False))
    return sums


def _frame(batch: BatchFrame, entity: str, sums: Sequence[Sums]) -> nw.LazyFrame[Any]:
    measured = [name for one in sums for name in one.scale.measure.columns]
    clock = [CLOCK] if batch.contract.roles.start else []
    made = [column for one in sums for column in one.columns]
    frame = batch.frame(entity, *measured, *clock)
    key = nw.col(entity).alias(KEY)
    return frame.filter(~nw.col(entity).is_null()).select(key, *(nw.col(name) for name in clock), *made)


def _aggregates(batch: BatchFrame, sums: Sequence[Sums]) -> list[nw.Expr]:
    made = [nw.len().alias("sessions"), *(aggregate for one in sums for aggregate in one.aggregates)]
    made += [aggregate for one in sums if one.with_squares for aggregate in one.extremes]
    if batch.contract.roles.start:
        made += [nw.col(CLOCK).min().alias("first_seen"), nw.col(CLOCK).max().alias("last_seen")]
    return made


def _categories(batch: BatchFrame, entity: str, category: str) -> pl.DataFrame:
    pairs = batch.frame(entity, category).filter(~nw.col(entity).is_null(), ~nw.col(category).is_null())
    pairs = pairs.select(nw.col(entity).alias(KEY), nw.col(category).alias("category")).unique()
    return batch.collect(pairs.group_by(KEY).agg(nw.len().alias("categories")))


def _labels(batch: BatchFrame, entities: pl.Series) -> pl.Series:
    """Entities as tables show them: their text, or their place in the table where the contract calls them personal."""
    name = batch.contract.roles.entity or ""
    column = batch.contract.columns[name]
    if column.personal:
        places = pl.int_range(1, len(entities) + 1, eager=True).cast(pl.String)
        return (pl.Series([f"{name} "]) + places if len(entities) else places).alias("entity")
    return as_text(column, entities).alias("entity")
