"""Passes over the batch that count and add up by group; each result is small, plain and exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import CLOCK
from tasks.analyze.exact import floor_divided
from tasks.analyze.look import Look
from tasks.analyze.plain import HOUR
from tasks.analyze.spread import CATEGORY
from tasks.analyze.sums import GroupSums, group_sums

ENTITY = "__entity"
HOURS = "__hours"
_AS_BITS = 16  # categories that are told apart by asking for one after the other
_COUNT = nw.len().alias("count")


def category_counts(batch: BatchFrame) -> pl.DataFrame:
    """Rows of each category, most first, then by the category itself: `CATEGORY` and `count`."""
    category = nw.col(batch.contract.roles.category or "")
    frame = batch.frame(batch.contract.roles.category or "").filter(~category.is_null())
    counted = batch.collect(frame.select(category.alias(CATEGORY)).group_by(CATEGORY).agg(_COUNT))
    return counted.sort("count", CATEGORY, descending=[True, False])


def hour_sums(batch: BatchFrame, look: Look) -> pl.DataFrame:
    """Rows, values and durations of each hour that has rows: `hour` counts from the first day's midnight."""
    sums = [group_sums(scale, look.rows) for scale in look.measures]
    frame = _started(batch, look, [column for one in sums for column in one.scale.measure.columns])
    frame = frame.select(nw.col("hour"), *(column for one in sums for column in one.columns))
    return _summed(batch, frame, "hour", sums).sort("hour")


def entities_by_day(batch: BatchFrame, look: Look) -> pl.DataFrame:
    """How many different entities have rows in each day: `slot` and `entities`."""
    entity = batch.contract.roles.entity or ""
    frame = _started(batch, look, [entity]).filter(~nw.col(entity).is_null())
    placed = frame.select((nw.col("hour") // 24).cast(nw.Int64).alias("slot"), nw.col(entity).alias(ENTITY))
    return batch.counted(placed, "slot", ENTITY).select("slot", entities="distinct")


def entities_by_hour(summed: pl.DataFrame) -> pl.DataFrame:
    """How many different entities have rows in each hour of the day, from `entity_sums`: `slot` and `entities`."""
    counts = [int((summed[HOURS] & (1 << hour) != 0).sum()) for hour in range(24)]
    return pl.DataFrame({"slot": range(24), "entities": counts}, schema={"slot": pl.Int64, "entities": pl.Int64})


def entity_sums(batch: BatchFrame, look: Look, categories: pl.DataFrame | None) -> pl.DataFrame:
    """Rows, durations, values and times of each entity, most rows first, then by the entity itself, in `ENTITY`.

    `HOURS` has a bit for each hour of the day in which it has rows; `categories` are `category_counts`.
    """
    roles = batch.contract.roles
    entity = roles.entity or ""
    sums = [group_sums(scale, look.rows, with_squares=scale is not look.value) for scale in look.measures]
    times = [CLOCK] if roles.start else []
    frame = batch.frame(entity, *times, *(name for one in sums for name in one.scale.measure.columns))
    frame = frame.filter(~nw.col(entity).is_null())
    frame = frame.select(
        nw.col(entity).alias(ENTITY), *map(nw.col, times), *(column for one in sums for column in one.columns)
    )
    extra = [aggregate for one in sums if one.scale is not look.value for aggregate in one.extremes]
    if times:
        extra += [nw.col(CLOCK).min().alias("first_seen"), nw.col(CLOCK).max().alias("last_seen")]
    parts = [
        _summed(batch, part, ENTITY, sums, extra) for part in batch.engine.parts(frame, ENTITY, look.count(entity))
    ]
    summed = pl.concat(parts)
    if times or roles.category is not None:
        summed = summed.join(_entity_sets(batch, look, categories, summed.height), on=ENTITY, how="left")
    if categories is not None and "categories" not in summed.columns:
        summed = summed.join(_categories(batch, entity, roles.category or "", summed.height), on=ENTITY, how="left")
        summed = summed.with_columns(pl.col("categories").fill_null(0))
    return summed.sort("count", ENTITY, descending=[True, False])


def _entity_sets(batch: BatchFrame, look: Look, categories: pl.DataFrame | None, entities: int) -> pl.DataFrame:
    """In which hours of the day each entity has rows, as bits, and how many different categories, if there are few."""
    roles = batch.contract.roles
    entity = nw.col(roles.entity or "")
    named, made = [], []
    if roles.start is not None:
        hour = floor_divided(nw.col(CLOCK) - look.midnight, HOUR, (look.last or 0) - look.midnight) % 24
        named, made = [CLOCK], [_bit(hour).alias(HOURS)]
    if categories is not None and roles.category and _are_bits(batch, categories):
        named.append(roles.category)
        made.append(_bit_of(nw.col(roles.category), categories[CATEGORY].to_list()).alias(CATEGORY))
    frame = batch.frame(roles.entity or "", *named).filter(~entity.is_null()).select(entity.alias(ENTITY), *made)
    bits = [name for name, one in ((HOURS, CLOCK), (CATEGORY, roles.category)) if one in named]
    parts = batch.engine.parts(frame, ENTITY, entities)
    united = pl.concat([batch.united(part, ENTITY, bits) for part in parts])
    if CATEGORY in bits:
        united = united.with_columns(pl.col(CATEGORY).bitwise_count_ones().cast(pl.Int64).alias("categories"))
    return united.drop(CATEGORY, strict=False)


def _are_bits(batch: BatchFrame, categories: pl.DataFrame) -> bool:
    return batch.engine.unites_bits and 0 < categories.height <= _AS_BITS


def _bit(place: nw.Expr) -> nw.Expr:
    return (2 ** place.cast(nw.Int64)).cast(nw.Int64)


def _bit_of(value: nw.Expr, members: Sequence[object]) -> nw.Expr:
    """The bit of a member's place; null of what is no member."""
    *others, last = enumerate(members)
    bit: nw.Expr = _bit_if(value, last)
    for one in reversed(others):
        bit = _bit_if(value, one).otherwise(bit)
    return bit


def _bit_if(value: nw.Expr, member: tuple[int, Any]) -> Any:  # what `otherwise` can still be said to
    at, name = member
    return nw.when(value == nw.lit(name)).then(nw.lit(1 << at, nw.Int64))


def _categories(batch: BatchFrame, entity: str, category: str, entities: int) -> pl.DataFrame:
    """How many different categories each entity has."""
    frame = batch.frame(entity, category).filter(~nw.col(entity).is_null(), ~nw.col(category).is_null())
    pairs = frame.select(nw.col(entity).alias(ENTITY), nw.col(category).alias(CATEGORY))
    grouped = [
        batch.collect(part.unique().group_by(ENTITY).agg(nw.len().alias("categories")))
        for part in batch.engine.parts(pairs, ENTITY, entities)
    ]
    return pl.concat(grouped)


def _started(batch: BatchFrame, look: Look, columns: Sequence[str]) -> nw.LazyFrame[Any]:
    """Rows that say when they began, with `hour` since the first day's midnight."""
    frame = batch.frame(CLOCK, *columns).filter(~nw.col(CLOCK).is_null())
    hour = floor_divided(nw.col(CLOCK) - look.midnight, HOUR, (look.last or 0) - look.midnight)
    return frame.select(hour.cast(nw.Int64).alias("hour"), *map(nw.col, dict.fromkeys(columns)))


def _summed(
    batch: BatchFrame, frame: nw.LazyFrame[Any], key: str, sums: Sequence[GroupSums], extra: Sequence[nw.Expr] = ()
) -> pl.DataFrame:
    aggregates = [_COUNT, *(part for one in sums for part in one.aggregates), *extra]
    summed = batch.collect(frame.group_by(key).agg(*aggregates))
    for one in sums:
        summed = one.digits.sums(summed)
    return summed.with_columns(pl.col("count").cast(pl.Int64))
