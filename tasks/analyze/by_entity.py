"""Entities in the order of their table. They grow with the batch, so sums are put together some of them at a time."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw
import polars as pl

from expectations.contract import Contract
from tasks.analyze.engines import CLOCK
from tasks.analyze.look import Look
from tasks.analyze.names import named
from tasks.analyze.plain import DAY
from tasks.analyze.sums import GroupSums, added_up, group_sums
from tasks.analyze.tally import Extremes, Members, Tally

ENTITY = "__entity"
ENTITIES, ENTITY_CATEGORIES = "entities", "entity categories"

_AT_ONCE = 100_000
_PLACE = "__place"


def entity_tally(contract: Contract, look: Look, entity: Members) -> Tally:
    """Rows, durations, values and times of each entity."""
    sums = _sums(look)
    columns = [name for one in sums for name in one.scale.measure.columns]
    extremes = {name: ends for one in sums if one.digits.with_squares for name, ends in one.extremes.items()}
    if contract.roles.start is not None:
        columns.append(CLOCK)
        extremes["seen"] = Extremes(nw.col(CLOCK), are_all_there=look.counts[contract.roles.start] == look.rows)
    return Tally((entity,), tuple(columns), *added_up(sums), extremes)


def take_entities(found: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What was found of each entity, in any order; it is taken out of `found`, as there is much of it."""
    entities = found.pop(ENTITIES).rename({"seen_min": "first_seen", "seen_max": "last_seen"}, strict=False)
    if ENTITY_CATEGORIES not in found:
        return entities
    categories = found.pop(ENTITY_CATEGORIES).select(ENTITY, categories="distinct")
    return entities.join(categories, on=ENTITY, how="left").with_columns(pl.col("categories").fill_null(0))


def in_order(entities: pl.DataFrame) -> pl.DataFrame:
    """`ENTITY`, `count` and the place in `entities`: most rows first, then by the entity itself."""
    few = entities.select(ENTITY, "count", pl.int_range(pl.len(), dtype=pl.UInt32).alias(_PLACE))
    return few.sort("count", ENTITY, descending=[True, False])


def entity_sums(entities: pl.DataFrame, ordered: pl.DataFrame, look: Look) -> Iterator[pl.DataFrame]:
    """`take_entities` in their order, with exact sums, some after the other."""
    for some in ordered.iter_slices(_AT_ONCE):
        summed = entities[some[_PLACE]]
        for one in _sums(look):
            summed = one.sums(summed)
        yield summed


def newcomers(entities: pl.DataFrame, look: Look) -> pl.DataFrame:
    """How many entities are seen first on each day: `slot`, from the first day, and `new`."""
    slot = (entities["first_seen"] - look.midnight) // DAY
    return slot.alias("slot").drop_nulls().value_counts(name="new").with_columns(pl.col("new").cast(pl.Int64))


def named_ones(contract: Contract, ordered: pl.DataFrame, plain: pl.Series) -> pl.DataFrame:
    """Some entities, by `ENTITY`, and their names, `entity`; from all of them in their order."""
    places = ordered.select(ENTITY, pl.int_range(1, pl.len() + 1).alias(_PLACE))
    some = places.filter(pl.col(ENTITY).is_in(plain.drop_nulls().unique().implode()))
    return named(contract, "entity", some, some[_PLACE])


def _sums(look: Look) -> list[GroupSums]:
    """Durations with their squares and extremes, values without."""
    return [group_sums(scale, look.rows, with_squares=scale is not look.value) for scale in look.measures]
