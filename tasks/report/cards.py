"""The batch in a handful of numbers, each with how it was computed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tasks.report.numbers import Numbers
from tasks.report.words import Words


class Card(NamedTuple):
    """One number for people."""

    label: str
    value: str
    unit: str
    how: str


def cards(totals: Mapping[str, Any], words: Words, numbers: Numbers) -> list[Card]:
    """Cards from the one row of `batch_totals`; what the dataset has no role for is left out."""
    made = [_rows(totals, numbers), _period(totals, numbers), _entities(totals, words, numbers)]
    made += [_duration(totals, numbers), _total_value(totals, words, numbers), _mean_value(totals, words, numbers)]
    return [card for card in made if card is not None]


def _rows(totals: Mapping[str, Any], numbers: Numbers) -> Card:
    return Card("Rows analysed", numbers.whole(totals["rows"]), "", "accepted by the gate")


def _period(totals: Mapping[str, Any], numbers: Numbers) -> Card | None:
    first, last = totals.get("first_seen"), totals.get("last_seen")
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    days = (last.date() - first.date()).days + 1
    active = totals.get("active_days") or 0
    value, unit = numbers.whole(days), "day" if days == 1 else "days"
    with_rows = "all of them with rows" if active == days else f"{numbers.whole(active)} with rows"
    period = f"{numbers.day(first)} to {numbers.day(last)}, {with_rows}"
    return Card("Period", value, unit, period if days > 1 else numbers.day(first))


def _entities(totals: Mapping[str, Any], words: Words, numbers: Numbers) -> Card | None:
    count = totals.get("entities")
    if count is None:
        return None
    rows = totals["rows"] - (totals.get("rows_without_entity") or 0)
    how = f"distinct; {numbers.real(rows / count)} rows each on average" if count else "distinct"
    return Card(words.entities.capitalize(), numbers.whole(count), "", how)


def _duration(totals: Mapping[str, Any], numbers: Numbers) -> Card | None:
    mean = totals.get("mean_duration_seconds")
    if mean is None:
        return None
    odd = [
        f"{numbers.whole(totals[f'{kind}_durations'])} {kind}"
        for kind in ("missing", "zero", "negative")
        if totals.get(f"{kind}_durations")
    ]
    how = f"over {numbers.whole(totals['durations'])} timed rows" + (f"; {', '.join(odd)}" if odd else "")
    return Card("Mean duration", *_split(numbers.duration(mean)), how)


def _total_value(totals: Mapping[str, Any], words: Words, numbers: Numbers) -> Card | None:
    total = totals.get("total_value")
    if total is None:
        return None
    shown, exact = numbers.compact(total), numbers.real(total)
    how = "exact sum over accepted rows" + ("" if shown == exact else f": {exact}")
    return Card(f"Total {words.value}", shown, words.value_unit or "", how)


def _mean_value(totals: Mapping[str, Any], words: Words, numbers: Numbers) -> Card | None:
    mean, count = totals.get("mean_value"), totals.get("values") or 0
    if mean is None:
        return None
    without = totals["rows"] - count
    how = f"over the {numbers.whole(count)} rows that have one" + (
        f"; {numbers.whole(without)} do not" if without else ""
    )
    return Card(f"Mean {words.value}", numbers.compact(mean), words.value_unit or "", how)


def _split(text: str) -> tuple[str, str]:
    """A simple number and its unit apart; 3 min 5 s stays together."""
    number, _, unit = text.partition(" ")
    return (text, "") if " " in unit else (number, unit)
