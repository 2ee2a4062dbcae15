"""All result tables of a batch: which passes are made, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import narwhals as nw
import polars as pl

from expectations.contract import ColumnType
from tasks.analyze import passes
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.distinct import distinct_values
from tasks.analyze.look import Look, first_look
from tasks.analyze.names import named, renamed
from tasks.analyze.plain import is_number
from tasks.analyze.ranks import ALL, Ranks
from tasks.analyze.schemas import SCHEMAS, table_of
from tasks.analyze.spread import Spread, spread_of
from tasks.analyze.sums import Moments, moments_of
from tasks.analyze.tables import categories, columns, entities, outliers, time, totals

Table = tuple[str, pl.DataFrame]


def result_tables(batch: BatchFrame, on_table: Callable[[str], None] | None = None) -> dict[str, pl.DataFrame]:
    """Every table that the contract's roles allow, in the order of `SCHEMAS`."""
    made = _Made(batch, first_look(batch))
    for name, table in made.all():
        made.tables[name] = table
        if on_table is not None:
            on_table(name)
    return {name: made.tables[name] for name in SCHEMAS if name in made.tables}


@dataclass
class _Made:
    """What was found so far, for the tables that build on it."""

    batch: BatchFrame
    look: Look
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    entities: pl.DataFrame | None = None
    categories: pl.DataFrame | None = None
    ranks: dict[str, Ranks] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)

    def all(self) -> Iterator[Table]:
        roles = self.batch.contract.roles
        if roles.entity is not None:
            yield from self._about_entities()
        self._measure(roles.category)
        if roles.category is not None:
            yield from self._about_categories()
        if self.look.measures:
            yield from self._about_outliers()
        if roles.start is not None:
            yield from self._about_time(roles.start)
        yield "column_summary", table_of("column_summary", [self._column(name) for name in self.batch.contract.columns])
        yield "batch_totals", totals.batch_totals(self.look, self.moments, self.tables)

    def _about_entities(self) -> Iterator[Table]:
        sums = passes.entity_sums(self.batch, self.look)
        self.entities = named(self.batch.contract, "entity", sums)
        yield "session_metrics", entities.session_metrics(self.entities, self.look)

    def _measure(self, category: str | None) -> None:
        if category is not None:
            self.categories = named(self.batch.contract, "category", passes.category_counts(self.batch))
        many = self.categories.height if self.categories is not None else 1
        for scale in self.look.measures:
            spread = spread_of(self.batch, scale, category, many)
            self.ranks[scale.name] = Ranks(self.batch, spread)
            self.moments[scale.name] = moments_of(spread)

    def _about_categories(self) -> Iterator[Table]:
        assert self.categories is not None
        spreads = {name: ranks.spread for name, ranks in self.ranks.items()}
        distribution = categories.event_distribution(self.categories, spreads)
        yield "event_distribution", distribution
        yield "event_distribution_test", categories.event_distribution_test(distribution, self.look)

    def _about_outliers(self) -> Iterator[Table]:
        rows: list[dict[str, object]] = []
        listings = [pl.DataFrame(schema=SCHEMAS["outliers"])]
        for scale in self.look.measures:
            if scale.count == 0:
                rows.append({"measure": scale.name, "count": 0, "below": 0, "above": 0})
                continue
            bounds = outliers.bounds_of(self.ranks[scale.name], [ALL])[ALL]
            moments = self.moments[scale.name]
            rows.append({"measure": scale.name} | outliers.bounds_row(bounds, moments))
            if self.batch.contract.personal_columns.isdisjoint(scale.measure.columns):
                listed = outliers.outlier_rows(self.batch, scale, bounds, moments)
                listed = renamed(renamed(listed, "entity", self.entities), "category", self.categories)
                listings.append(listed.cast(SCHEMAS["outliers"]))
        yield "outlier_bounds", table_of("outlier_bounds", rows)
        yield "outliers", pl.concat(listings)

    def _about_time(self, start: str) -> Iterator[Table]:
        hours = passes.hour_sums(self.batch, self.look)
        has_entity = self.batch.contract.roles.entity is not None
        days = passes.entities_by_time(self.batch, self.look) if has_entity else None
        yield "daily_trend", time.daily_trend(hours, days, self.look)
        if self.batch.contract.columns[start].type == ColumnType.DATETIME:
            of_day = passes.entities_by_time(self.batch, self.look, nw.col("hour") % 24) if has_entity else None
            yield "hourly_trend", time.hourly_trend(hours, of_day, self.look)

    def _column(self, name: str) -> dict[str, object]:
        contract, look = self.batch.contract, self.look
        ranks = None
        if is_number(contract.columns[name]) and name != contract.roles.entity and look.count(name):
            ranks = self.ranks["value"] if name == contract.roles.value else Ranks(self.batch, self._spread(name))
        return columns.column_row(contract, look, name, self._distinct(name, ranks), ranks)

    def _spread(self, name: str) -> Spread:
        return spread_of(self.batch, self.look.scales[name])

    def _distinct(self, name: str, ranks: Ranks | None) -> int:
        roles = self.batch.contract.roles
        if name == roles.entity and self.entities is not None:
            return self.entities.height
        if name == roles.category and self.categories is not None:
            return self.categories.height
        if ranks is not None and ranks.knows_all:
            return ranks.ladder(ALL).low.size
        return distinct_values(self.batch, name, self.look.count(name), self.look.scales.get(name))
