"""Tallies by entity and by time, and category counts; what comes of them is small, plain and exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.by_entity import ENTITIES, ENTITY, ENTITY_CATEGORIES, entity_tally
from tasks.analyze.engines import CLOCK
from tasks.analyze.exact import floor_divided
from tasks.analyze.look import Look
from tasks.analyze.plain import HOUR
from tasks.analyze.spread import CATEGORY
from tasks.analyze.sums import GroupSums, added_up, group_sums
from tasks.analyze.tally import Members, Numbers, Tally
from tasks.analyze.values import all_values

HOURS, DAYS, HOURS_OF_DAY = "hours", "days", "hours of day"

Found = Mapping[str, pl.DataFrame]  # results of `tallies`, by their names


def category_counts(batch: BatchFrame) -> pl.DataFrame:
    """Rows of each category, most first, then by the category itself: `CATEGORY` and `count`."""
    return all_values(batch, batch.contract.roles.category or "").rename({"value": CATEGORY})


def tallies(batch: BatchFrame, look: Look, categories: pl.DataFrame | None) -> Iterator[tuple[str, Tally]]:
    """What to ask for, by name; `categories` are `category_counts`."""
    roles = batch.contract.roles
    hour = _hours(look)
    if roles.start is not None:
        sums = _by_time(look)
        columns = (CLOCK, *(name for one in sums for name in one.scale.measure.columns))
        yield HOURS, Tally((hour,), columns, *added_up(sums))
    if roles.entity is None:
        return
    entity = Members(ENTITY, roles.entity, look.counts[roles.entity], ends=look.ends(roles.entity))
    yield ENTITIES, entity_tally(batch.contract, look, entity)
    if roles.category is not None and categories is not None:
        category = Members(CATEGORY, roles.category, look.counts[roles.category], categories[CATEGORY])
        yield ENTITY_CATEGORIES, Tally((entity,), distinct=category)
    if roles.start is not None:
        day = Numbers("slot", hour.value // 24, -(-hour.span // 24))
        yield DAYS, Tally((day,), (CLOCK,), distinct=entity)
        yield HOURS_OF_DAY, Tally((Numbers("slot", hour.value % 24, 24),), (CLOCK,), distinct=entity)


def hour_sums(found: Found, look: Look) -> pl.DataFrame:
    """Rows, values and durations of each hour that has rows: `hour` counts from the first day's midnight."""
    summed = found[HOURS]
    for one in _by_time(look):
        summed = one.sums(summed)
    return summed.sort("hour")


def entities_by(slots: str, found: Found) -> pl.DataFrame:
    """How many different entities have rows in each of `DAYS` or `HOURS_OF_DAY`: `slot` and `entities`."""
    return found[slots].select("slot", entities="distinct")


def _by_time(look: Look) -> list[GroupSums]:
    return [group_sums(scale, look.rows) for scale in look.measures]


def _hours(look: Look) -> Numbers:
    """Hours since the first day's midnight."""
    top = (look.last or 0) - look.midnight
    hour = floor_divided(nw.col(CLOCK) - look.midnight, HOUR, top)
    return Numbers("hour", hour, top // HOUR + 1)
