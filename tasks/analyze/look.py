"""The first look at a batch: one pass that finds how many, how few and how far, which every table builds on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw

from expectations.contract import Contract
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import CLOCK
from tasks.analyze.exact import Moments, exact_sums
from tasks.analyze.measures import (
    Measure,
    Scale,
    column_measure,
    duration_measure,
    extent,
    scale_of,
    timed,
    value_measure,
)
from tasks.analyze.plain import DAY, Kind, is_number, kind_of


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
    moments: dict[str, Moments]  # of the numeric columns but the entity, and of durations, by the measure's name
    first: int | None  # wall-clock microseconds of the earliest and the latest start
    last: int | None

    @property
    def outlier_scales(self) -> list[tuple[Scale, Moments]]:
        """What outliers are looked for in: durations and values, where there are any."""
        found = []
        if self.durations is not None:
            found.append((self.durations.scale, self.moments[self.durations.scale.name]))
        if self.value is not None:
            found.append((self.value, self.moments[self.value.measure.columns[0]]))
        return found

    @property
    def midnight(self) -> int:
        """The start of the first day, in wall-clock microseconds."""
        return (self.first or 0) // DAY * DAY


def first_look(batch: BatchFrame) -> Look:
    """Take the first look, in one query."""
    contract = batch.contract
    columns = list(contract.columns)
    aggregates = [nw.len().alias("rows")]
    for at, name in enumerate(columns):
        aggregates += _column_aggregates(contract, name, f"c{at}")
    duration = duration_measure(contract)
    if duration is not None:
        aggregates += _duration_aggregates(duration)
    asked = columns
    if contract.roles.start is not None:
        aggregates += [nw.col(CLOCK).min().alias("first"), nw.col(CLOCK).max().alias("last")]
        asked = [*columns, CLOCK]
    found = batch.one(asked, aggregates)
    look = _look(contract, found, duration)
    numbers = [name for name, column in contract.columns.items() if is_number(column) and name != contract.roles.entity]
    scales = [look.scales[name] for name in numbers] + ([look.durations.scale] if look.durations else [])
    return replace(look, moments={scale.name: _moments(batch, look.rows, scale) for scale in scales})


def _moments(batch: BatchFrame, rows: int, scale: Scale) -> Moments:
    """One measure at a time: the digits of all of them at once would not fit an engine that is not lazy."""
    sums = exact_sums(scale, rows, with_squares=True)
    frame = batch.frame(*scale.measure.columns).select(*sums.columns)
    return sums.moments(batch.collect(frame.select(*sums.aggregates)).row(0, named=True))


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
        moments={},
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
    zero = nw.when(duration.raw == 0).then(duration.raw)
    return [
        *extent(timed(duration), "timed"),
        duration.raw.count().alias("durations"),
        zero.count().alias("zero"),
    ]


def _durations(duration: Measure, found: Mapping[str, Any]) -> Durations:
    present, counted = int(found["durations"]), int(found["timed_count"])
    return Durations(
        scale=scale_of(timed(duration), "timed", found),
        missing=int(found["rows"]) - present,
        zero=int(found["zero"]),
        negative=present - counted,
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
