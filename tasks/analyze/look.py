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
from tasks.analyze.plain import DAY, SECOND, Kind, kind_of


@dataclass(frozen=True)
class TextExtent:
    """A text column: how many values, the first and last in the order of their bytes, lengths in characters."""

    count: int
    least: str | None
    most: str | None
    shortest: int | None
    longest: int | None
    characters: int


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
    texts: dict[str, TextExtent]
    scales: dict[str, Scale]
    durations: Durations | None
    value: Scale | None
    first: int | None  # wall-clock microseconds of the earliest and the latest start
    last: int | None

    @property
    def measures(self) -> list[Scale]:
        """The measures that the roles make: durations and values, where there are any."""
        found = [self.durations.scale if self.durations else None, self.value]
        return [scale for scale in found if scale is not None]

    @property
    def midnight(self) -> int:
        """The start of the first day, in wall-clock microseconds."""
        return (self.first or 0) // DAY * DAY

    def count(self, column: str) -> int:
        """How many values a column has."""
        return self.texts[column].count if column in self.texts else self.scales[column].count


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
    texts, scales = {}, {}
    for at, (name, column) in enumerate(contract.columns.items()):
        if kind_of(column) == Kind.TEXT:
            texts[name] = _text_extent(f"c{at}", found)
        else:
            scales[name] = scale_of(column_measure(contract, name), f"c{at}", found)
    value = value_measure(contract)
    prefix = f"c{list(contract.columns).index(contract.roles.value)}" if contract.roles.value else ""
    return Look(
        rows=int(found["rows"]),
        texts=texts,
        scales=scales,
        durations=_durations(duration, found) if duration else None,
        value=scale_of(value, prefix, found) if value else None,
        first=_whole(found.get("first")),
        last=_whole(found.get("last")),
    )


def _column_aggregates(contract: Contract, name: str, prefix: str) -> list[nw.Expr]:
    if kind_of(contract.columns[name]) != Kind.TEXT:
        return extent(column_measure(contract, name), prefix)
    value = nw.col(name)
    length = value.str.len_chars()
    return [
        value.count().alias(f"{prefix}_count"),
        value.min().alias(f"{prefix}_min"),
        value.max().alias(f"{prefix}_max"),
        length.min().alias(f"{prefix}_shortest"),
        length.max().alias(f"{prefix}_longest"),
        length.sum().alias(f"{prefix}_characters"),
    ]


def _text_extent(prefix: str, found: Mapping[str, Any]) -> TextExtent:
    return TextExtent(
        count=int(found[f"{prefix}_count"]),
        least=found[f"{prefix}_min"],
        most=found[f"{prefix}_max"],
        shortest=_whole(found[f"{prefix}_shortest"]),
        longest=_whole(found[f"{prefix}_longest"]),
        characters=int(found[f"{prefix}_characters"] or 0),
    )


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
    return Durations(
        scale=scale_of(timed(duration), "timed", found, unit=unit, widest=WIDEST_SQUARED),
        missing=int(found["rows"]) - present,
        zero=int(found["zero"]),
        negative=present - counted,
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
