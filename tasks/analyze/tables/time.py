"""Tables about time, from the sums of each hour."""

from __future__ import annotations

import polars as pl

from tasks.analyze.look import Look
from tasks.analyze.measures import DURATION, VALUE
from tasks.analyze.plain import DAY
from tasks.analyze.schemas import shaped
from tasks.analyze.sums import finished

_NAMES = {f"{DURATION}_mean": "mean_duration_seconds", f"{VALUE}_total": "total_value", f"{VALUE}_mean": "mean_value"}


def daily_trend(hours: pl.DataFrame, entities: pl.DataFrame | None, look: Look) -> pl.DataFrame:
    """Sums of each day that has rows.

    Args:
        hours: `hour_sums`.
        entities: `entities_by_day`; None without the role.
        look: the first look.
    """
    days = _slots(hours, pl.col("hour") // 24, entities, look)
    day = (pl.col("slot") + look.midnight // DAY).cast(pl.Int32).cast(pl.Date)
    return shaped("daily_trend", days.with_columns(day.alias("day")))


def hourly_trend(hours: pl.DataFrame, entities: pl.DataFrame | None, look: Look) -> pl.DataFrame:
    """Sums of each of the 24 hours of the day; see `daily_trend`."""
    found = _slots(hours, pl.col("hour") % 24, entities, look)
    every_hour = pl.DataFrame({"slot": range(24)}, schema={"slot": pl.Int64})
    counts = [pl.col(name).fill_null(0) for name in ("count", "entities", "total_value") if name in found.columns]
    filled = every_hour.join(found, on="slot", how="left", maintain_order="left").with_columns(counts)
    return shaped("hourly_trend", filled.rename({"slot": "hour"}))


def weekday_hour(hours: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Counts of each hour of the week, Monday first; see `daily_trend`."""
    first_weekday = (look.midnight // DAY + 3) % 7  # 1970-01-01 was a Thursday
    weekday = (pl.col("hour") // 24 + first_weekday) % 7
    found = _slots(hours, weekday * 24 + pl.col("hour") % 24, None, look)
    week = pl.DataFrame({"slot": range(168)}, schema={"slot": pl.Int64})
    amounts = [pl.col(name).fill_null(0) for name in ("count", "total_value") if name in found.columns]
    filled = week.join(found, on="slot", how="left", maintain_order="left").with_columns(amounts)
    total = pl.col("count").sum()
    return shaped(
        "weekday_hour",
        filled.with_columns(
            weekday=pl.col("slot") // 24 + 1,
            hour=pl.col("slot") % 24,
            share=pl.when(total > 0).then(pl.col("count") / total).round_sig_figs(12),
        ),
    )


def _slots(hours: pl.DataFrame, slot: pl.Expr, entities: pl.DataFrame | None, look: Look) -> pl.DataFrame:
    summed = [name for name in hours.columns if name != "hour"]
    slots = hours.group_by(slot.alias("slot")).agg(pl.col(name).sum() for name in summed).sort("slot")
    for scale in look.measures:
        slots = finished(slots, scale)
    slots = slots.rename(_NAMES, strict=False)
    if entities is None:
        return slots
    joined = slots.join(entities, on="slot", how="left", maintain_order="left")
    return joined.with_columns(pl.col("entities").fill_null(0))
