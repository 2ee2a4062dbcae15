"""All result tables of a batch: which passes are made, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import polars as pl

from expectations.contract import ColumnType
from tasks.analyze import by_entity, by_role
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.column_profile import ColumnProfile, profile_columns
from tasks.analyze.correlations import correlation_row, pair_tally
from tasks.analyze.look import Look, first_look
from tasks.analyze.measures import Scale
from tasks.analyze.names import named, renamed
from tasks.analyze.plain import is_measured
from tasks.analyze.ranks import ALL, Ranks
from tasks.analyze.schemas import SCHEMAS, shaped, table_of
from tasks.analyze.spread import CATEGORY, spread_of, spread_tally
from tasks.analyze.sums import Moments, moments_of
from tasks.analyze.tables import categories, changes, entities, outliers, time, totals
from tasks.analyze.tally import Tally
from tasks.analyze.values import times_tallies

Table = tuple[str, pl.DataFrame | Iterator[pl.DataFrame]]

_BY_CATEGORY = 50  # the most frequent categories, for outliers within each
_CORRELATED = 12  # numeric columns


def result_tables(batch: BatchFrame) -> Iterator[Table]:
    """Every table that the contract's roles allow.

    One that has a row for each entity comes in parts, which have to be taken before the next table is asked for.
    """
    return _Made(batch, first_look(batch)).all()


@dataclass
class _Made:
    """What was found so far, for the tables that build on it."""

    batch: BatchFrame
    look: Look
    counts: dict[str, int] = field(default_factory=dict)
    entities: pl.DataFrame | None = None  # in order: plain, and their rows
    newcomers: pl.DataFrame | None = None
    categories: pl.DataFrame | None = None
    ranks: dict[str, Ranks] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)
    found: dict[str, pl.DataFrame] = field(default_factory=dict)

    def all(self) -> Iterator[Table]:
        roles = self.batch.contract.roles
        if roles.category is not None:
            self.categories = named(self.batch.contract, "category", by_role.category_counts(self.batch))
        self.found = self.batch.tallied(dict(self._asked()))
        if roles.entity is not None:
            yield from self._about_entities()
        self._measure(roles.category)
        if roles.category is not None:
            yield from self._about_categories()
        if self.look.measures:
            yield from self._about_outliers()
        if roles.start is not None:
            yield from self._about_time(roles.start)
        yield from profile_columns(self._profile())
        pairs = [correlation_row(pair, self.found[_pair(at)]) for at, pair in enumerate(self._pairs())]
        yield "correlations", table_of("correlations", pairs)
        yield "batch_totals", totals.batch_totals(self.look, self.moments, self.counts)

    def _asked(self) -> Iterator[tuple[str, Tally]]:
        """What is counted before any table is made."""
        look, contract = self.look, self.batch.contract
        yield from by_role.tallies(self.batch, look, self.categories)
        for scale in look.measures:
            yield _spread(scale.name), spread_tally(scale, contract.roles.category, self._known_categories())
        for name, unit in look.units.items():
            if look.counts[name]:
                yield from zip(_times(name), times_tallies(name, look.scales[name], unit), strict=True)
        for at, pair in enumerate(self._pairs()):
            yield _pair(at), pair_tally(pair)

    def _known_categories(self) -> pl.Series | None:
        return None if self.categories is None else self.categories[CATEGORY]

    def _about_entities(self) -> Iterator[Table]:
        contract = self.batch.contract
        found = by_entity.take_entities(self.found)
        self.entities = ordered = by_entity.in_order(found)
        rows = int(ordered["count"].sum())
        self.counts |= {"entities": ordered.height, "rows_without_entity": self.look.rows - rows}
        if contract.roles.start is not None:
            self.newcomers = by_entity.newcomers(found, self.look)
        amounts = [pl.DataFrame(schema={name: SCHEMAS["session_metrics"][name] for name in entities.AMOUNTS})]
        yield "session_metrics", self._metrics(found, ordered, amounts)
        del found
        of_all = pl.concat(amounts)
        yield "top_entities", self._top_entities(of_all, ordered)
        yield "entity_concentration", entities.entity_concentration(of_all)

    def _metrics(
        self, found: pl.DataFrame, ordered: pl.DataFrame, amounts: list[pl.DataFrame]
    ) -> Iterator[pl.DataFrame]:
        """The parts of `session_metrics`; what entities are ranked by is kept."""
        for part in by_entity.entity_sums(found, ordered, self.look):
            places = pl.int_range(1, part.height + 1, eager=True) + sum(one.height for one in amounts)
            metrics = entities.session_metrics(named(self.batch.contract, "entity", part, places), self.look)
            amounts.append(metrics.select(entities.AMOUNTS))
            yield metrics

    def _top_entities(self, amounts: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
        top = entities.top_places(amounts)
        called = named(self.batch.contract, "entity", ordered[top["place"]], top["place"] + 1)
        return shaped("top_entities", top.with_columns(called["entity"]))

    def _measure(self, category: str | None) -> None:
        for scale in self.look.measures:
            found = self.found[_spread(scale.name)]
            spread = spread_of(self.batch, scale, category, self._known_categories(), found)
            self.ranks[scale.name] = Ranks(self.batch, spread)
            self.moments[scale.name] = moments_of(spread)

    def _about_categories(self) -> Iterator[Table]:
        assert self.categories is not None
        spreads = {name: ranks.spread for name, ranks in self.ranks.items()}
        distribution = categories.event_distribution(self.categories, spreads)
        self.counts["categories"] = distribution.height
        yield "event_distribution", distribution
        yield "event_distribution_test", categories.event_distribution_test(distribution, self.look)

    def _about_outliers(self) -> Iterator[Table]:
        rows: list[dict[str, object]] = []
        within: list[dict[str, object]] = []
        listed: list[outliers.Measured] = []
        for scale in self.look.measures:
            if scale.count == 0:
                rows.append({"measure": scale.name, "count": 0, "below": 0, "above": 0})
                continue
            names = self._counted_categories(scale)
            bounds = outliers.bounds_of(self.ranks[scale.name], [ALL, *names])
            rows.append({"measure": scale.name} | outliers.bounds_row(bounds[ALL], self.moments[scale.name]))
            for plain, name in names.items():
                moments = moments_of(self.ranks[scale.name].spread, plain)
                within.append({"measure": scale.name, "category": name} | outliers.bounds_row(bounds[plain], moments))
            if self.batch.contract.personal_columns.isdisjoint(scale.measure.columns):
                listed.append(outliers.Measured(self.ranks[scale.name], bounds[ALL], self.moments[scale.name]))
        yield "outlier_bounds", table_of("outlier_bounds", rows)
        yield "outliers", pl.concat([pl.DataFrame(schema=SCHEMAS["outliers"]), *self._listed(listed)])
        if self.categories is not None:
            yield "outliers_by_category", table_of("outliers_by_category", within)

    def _counted_categories(self, scale: Scale) -> dict[object, str]:
        """The most frequent categories that have values of a measure, plain, and what they are called."""
        if self.categories is None:
            return {}
        present = self.ranks[scale.name].spread.sums[CATEGORY].unique().implode()
        most = self.categories.head(_BY_CATEGORY).filter(pl.col(CATEGORY).is_in(present))
        return dict(most.select(CATEGORY, "category").iter_rows())

    def _listed(self, known: Sequence[outliers.Measured]) -> Iterator[pl.DataFrame]:
        for rows in outliers.outlier_rows(self.batch, known):
            listed = rows
            if self.entities is not None:
                called = by_entity.named_ones(self.batch.contract, self.entities, rows["entity"])
                listed = renamed(rows, "entity", called)
            yield renamed(listed, "category", self.categories).cast(SCHEMAS["outliers"])

    def _about_time(self, start: str) -> Iterator[Table]:
        hours = by_role.hour_sums(self.found, self.look)
        days = by_role.entities_by(by_role.DAYS, self.found) if self.entities is not None else None
        daily = time.daily_trend(hours, days, self.look)
        self.counts["active_days"] = daily.height
        yield "daily_trend", daily
        yield "daily_comparison", changes.daily_comparison(daily)
        yield "change_points", changes.change_points(daily)
        if self.newcomers is not None and days is not None:
            yield "new_and_returning", entities.new_and_returning(self.newcomers, days, self.look)
        if self.batch.contract.columns[start].type == ColumnType.DATETIME:
            of_day = by_role.entities_by(by_role.HOURS_OF_DAY, self.found) if self.entities is not None else None
            yield "hourly_trend", time.hourly_trend(hours, of_day, self.look)
            yield "weekday_hour", time.weekday_hour(hours, self.look)

    def _profile(self) -> ColumnProfile:
        times = {
            name: (self.found[counted], self.found[distinct])
            for name in self.look.units
            if self.look.counts[name]
            for counted, distinct in [_times(name)]
        }
        return ColumnProfile(self.batch, self.look, self.entities, self.categories, self.ranks, times)

    def _pairs(self) -> list[tuple[Scale, Scale]]:
        return list(combinations(self._numbers(), 2))

    def _numbers(self) -> list[Scale]:
        """What correlations are looked for in: numeric columns that have values, then durations."""
        contract, look = self.batch.contract, self.look
        quantities = [name for name in contract.columns if is_measured(contract, name) and look.counts[name]]
        found = [look.scales[name] for name in quantities[:_CORRELATED]]
        durations = look.durations
        if durations is not None and durations.scale.count and contract.roles.duration is None:
            found.append(durations.scale)
        return found


def _spread(measure: str) -> str:
    return f"spread of {measure}"


def _times(column: str) -> tuple[str, str]:
    return f"times of {column}", f"different times of {column}"


def _pair(at: int) -> str:
    return f"pair {at}"
