"""Daily and hourly trend: by day of the start, and by hour of the day, both on the contract's clock."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import CLOCK
from tasks.analyze.exact import exact_sums, floor_divided
from tasks.analyze.look import Look
from tasks.analyze.plain import DAY, HOUR
from tasks.analyze.schema import shaped

_NAMES = {"duration_seconds_mean": "mean_duration_seconds", "value_total": "total_value", "value_mean": "mean_value"}


def daily_trend(batch: BatchFrame, look: Look) -> pl.DataFrame:
    """One row a day that has rows, in order; rows without a start are left out."""
    days = _trend(batch, look, floor_divided(_since_midnight(look), DAY))
    day = (pl.col("slot") + look.midnight // DAY).cast(pl.Int32).cast(pl.Date).alias("day")
    return shaped("daily_trend", days.with_columns(day))


def hourly_trend(batch: BatchFrame, look: Look) -> pl.DataFrame:
    """One row for each of the 24 hours of the day."""
    hours = _trend(batch, look, floor_divided(_since_midnight(look) % DAY, HOUR))
    all_hours = pl.DataFrame({"slot": range(24)}, schema={"slot": pl.Int64})
    counts = [pl.col(name).fill_null(0) for name in ("count", "entities", "total_value") if name in hours.columns]
    filled = all_hours.join(hours, on="slot", how="left", maintain_order="left").with_columns(counts)
    return shaped("hourly_trend", filled.rename({"slot": "hour"}))


def _since_midnight(look: Look) -> nw.Expr:
    return nw.col(CLOCK) - look.midnight


def _trend(batch: BatchFrame, look: Look, slot: nw.Expr) -> pl.DataFrame:
    scales = [look.durations.scale] if look.durations else []
    scales += [look.value] if look.value else []
    sums = [exact_sums(scale, look.rows, with_squares=False) for scale in scales]
    measured = [column for scale in scales for column in scale.measure.columns]
    frame = batch.frame(CLOCK, *measured).filter(~nw.col(CLOCK).is_null())
    frame = frame.select(slot.cast(nw.Int64).alias("slot"), *(column for one in sums for column in one.columns))
    grouped = frame.group_by("slot").agg(nw.len().alias("count"), *(part for one in sums for part in one.aggregates))
    trend = batch.collect(grouped)
    for one in sums:
        trend = one.finish(trend)
    if batch.contract.roles.entity is not None:
        trend = trend.join(_entities(batch, slot, batch.contract.roles.entity), on="slot", how="left")
        trend = trend.with_columns(pl.col("entities").fill_null(0))
    return trend.rename(_NAMES, strict=False).sort("slot")


def _entities(batch: BatchFrame, slot: nw.Expr, entity: str) -> pl.DataFrame:
    frame = batch.frame(CLOCK, entity).filter(~nw.col(CLOCK).is_null(), ~nw.col(entity).is_null())
    pairs = frame.select(slot.cast(nw.Int64).alias("slot"), nw.col(entity).alias("entity")).unique()
    return batch.collect(pairs.group_by("slot").agg(nw.len().alias("entities")))
