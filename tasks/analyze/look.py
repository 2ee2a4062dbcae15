"""The first look at a batch: one pass that finds how many, how few and how far, which every table builds on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from expectations.contract import Contract
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import CLOCK
from tasks.analyze.measures import (
    WIDEST_SQUARED,
    Measure,
    Scale,
    column_measure,
    duration_measure,
    extent,
    scale_of,
    timed,
    value_measure,
)
from tasks.analyze.plain import DAY, SECOND, Kind, is_time, kind_of


@dataclass(frozen=True)
class Durations:
    """Rows by whether their duration can be counted, and those that can (zero or more) as a measure."""

    scale: Scale
    missing: int
    zero: int
    negative: int


@dataclass(frozen=True)
class Look:
    """What one pass told about the batch."""

    rows: int
    counts: dict[str, int]  # values of each column
    scales: dict[str, Scale]
    units: dict[str, int]  # of times: microseconds that any two of a column are whole numbers of apart
    durations: Durations | None
    value: Scale | None
    first: int | None  # wall-clock microseconds of the earliest and the latest start
    last: int | None

    @property
    def measures(self) -> list[Scale]:
        """The measures that the roles make: durations and values, where there are any."""
        found = [self.durations.scale if self.durations else None, self.value]
        return [scale for scale in found if scale is not None]

    def ends(self, name: str) -> tuple[int, int] | None:
        """The least and the most of a plain column of whole numbers that has values."""
        scale = self.scales.get(name)
        if scale is None or not isinstance(scale.least, int) or not isinstance(scale.most, int):
            return None
        return scale.least, scale.most

    @property
    def midnight(self) -> int:
        """The start of the first day, in wall-clock microseconds."""
        return (self.first or 0) // DAY * DAY


def first_look(batch: BatchFrame) -> Look:
    """Take the first look, in one query."""
    contract = batch.contract
    asked = list(contract.columns)
    aggregates = [nw.len().alias("rows")]
    for at, name in enumerate(contract.columns):
        aggregates += _column_aggregates(contract, name, f"c{at}")
    duration = duration_measure(contract)
    if duration is not None:
        aggregates += _duration_aggregates(duration)
    if contract.roles.start is not None:
        aggregates += [nw.col(CLOCK).min().alias("first"), nw.col(CLOCK).max().alias("last")]
        asked.append(CLOCK)
    return _look(contract, batch.one(asked, aggregates), duration)


def _look(contract: Contract, found: Mapping[str, Any], duration: Measure | None) -> Look:
    scales, units = {}, {}
    for at, (name, column) in enumerate(contract.columns.items()):
        if kind_of(column) != Kind.TEXT:
            scales[name] = scale_of(column_measure(contract, name), f"c{at}", found)
        if is_time(column):
            units[name] = SECOND if found[f"c{at}_least_rest"] == found[f"c{at}_most_rest"] else 1
    value = value_measure(contract)
    prefix = f"c{list(contract.columns).index(contract.roles.value)}" if contract.roles.value else ""
    return Look(
        rows=int(found["rows"]),
        counts={name: int(found[f"c{at}_count"]) for at, name in enumerate(contract.columns)},
        scales=scales,
        units=units,
        durations=_durations(duration, found) if duration else None,
        value=scale_of(value, prefix, found) if value else None,
        first=_whole(found.get("first")),
        last=_whole(found.get("last")),
    )


def _column_aggregates(contract: Contract, name: str, prefix: str) -> list[nw.Expr]:
    if kind_of(contract.columns[name]) == Kind.TEXT:
        return [nw.col(name).count().alias(f"{prefix}_count")]
    rest = nw.col(name) % SECOND
    rests = [rest.min().alias(f"{prefix}_least_rest"), rest.max().alias(f"{prefix}_most_rest")]
    return [*extent(column_measure(contract, name), prefix), *(rests if is_time(contract.columns[name]) else [])]


def _duration_aggregates(duration: Measure) -> list[nw.Expr]:
    made = [
        *extent(timed(duration), "timed"),
        duration.raw.count().alias("durations"),
        nw.when(duration.raw == 0).then(1).count().alias("zero"),
    ]
    if _may_be_seconds(duration):
        made.append((duration.raw % SECOND).max().alias("past_second"))
    return made


def _may_be_seconds(duration: Measure) -> bool:
    """Whether durations are held in microseconds; logs mostly keep whole seconds, which are far fewer values."""
    return duration.kind == Kind.STEPS and duration.step * SECOND == 1


def _durations(duration: Measure, found: Mapping[str, Any]) -> Durations:
    present, counted = int(found["durations"]), int(found["timed_count"])
    unit = SECOND if _may_be_seconds(duration) and found["past_second"] == 0 else 1
    measure = duration if counted == present else timed(duration)  # without `when` engines share what is made of it
    return Durations(
        scale=scale_of(measure, "timed", found, unit=unit, widest=WIDEST_SQUARED),
        missing=int(found["rows"]) - present,
        zero=int(found["zero"]),
        negative=present - counted,
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
