"""How days compare: with the week around them, with the same weekday before, and where the level changed for good."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.analyze.exact import shown
from tasks.analyze.schemas import table_of

_WEEK = 7
_SURE = 0.01  # p-value at which a change point is believed
_SHORTEST = 7  # days on either side of a change point
_CLEAR = 2.0  # robust deviations of the days around their level; in a long series far smaller steps are sure as well
_MAD_TO_DEVIATION = 1.4826
_SEASONAL_FROM = 28  # days from which the rhythm of the week is taken out first
_LONGEST = 3_660  # days of a calendar that is looked through for change points

Days = dict[date, float]


def daily_comparison(trend: pl.DataFrame) -> pl.DataFrame:
    """Each day against the week before it, from `daily_trend`."""
    counts, values = _days(trend, "count"), _days(trend, "total_value")
    first = min(counts, default=date.min)
    rows = []
    for day in counts:
        row: dict[str, object] = {"day": day, "count": int(counts[day])} | _compared("count", counts, day, first)
        if values:
            row |= {"total_value": values[day]} | _compared("value", values, day, first)
        rows.append(row)
    return table_of("daily_comparison", rows)


def change_points(trend: pl.DataFrame) -> pl.DataFrame:
    """Where the daily level changed, from `daily_trend`; days without rows count 0."""
    rows = []
    for measure in ("count", "total_value"):
        days = _days(trend, measure)
        if days and (max(days) - min(days)).days < _LONGEST:
            calendar = [min(days) + timedelta(at) for at in range((max(days) - min(days)).days + 1)]
            series = [days.get(day, 0.0) for day in calendar]
            rows += [{"measure": measure, "day": calendar[step.at]} | _step_row(step) for step in steps(series)]
    return table_of("change_points", rows)


class Step(NamedTuple):
    """A lasting change: the first day of the new level, the level on either side, and how sure it is."""

    at: int
    before: float
    after: float
    p_value: float


def steps(series: Sequence[float]) -> list[Step]:
    """Lasting changes of a daily series, in order."""
    calm = _without_week(np.asarray(series, dtype=np.float64))
    found = _clear(sorted(_split(calm, 0)), calm)
    edges = [0, *(at for at, _ in found), len(series)]
    means = [math.fsum(series[low:high]) / (high - low) for low, high in pairwise(edges) if high > low]
    return [Step(at, means[n], means[n + 1], p_value) for n, (at, p_value) in enumerate(found)]


def _days(trend: pl.DataFrame, column: str) -> Days:
    return {day: float(amount) for day, amount in trend.select("day", column).iter_rows() if amount is not None}


def _compared(name: str, days: Days, day: date, first: date) -> dict[str, object]:
    row: dict[str, object] = {}
    if (day - first).days >= _WEEK - 1:
        week = math.fsum(days.get(day - timedelta(back), 0.0) for back in range(_WEEK))
        row[f"{name}_7d_mean"] = shown(week / _WEEK)
    if (day - first).days >= _WEEK:
        before = days.get(day - timedelta(_WEEK), 0.0)
        row[f"{name}_week_before"] = before
        row[f"{name}_change"] = shown(days[day] / before - 1) if before > 0 else None
    return row


def _step_row(step: Step) -> dict[str, object]:
    return {
        "mean_before": shown(step.before),
        "mean_after": shown(step.after),
        "change": shown(step.after / step.before - 1) if step.before > 0 else None,
        "p_value": shown(step.p_value),
    }


def _without_week(series: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The series less the median of each weekday, once there are four weeks of it."""
    if series.size < _SEASONAL_FROM:
        return series
    rest = series.copy()
    for weekday in range(_WEEK):
        rest[weekday::_WEEK] -= np.median(series[weekday::_WEEK])
    return rest


def _split(series: npt.NDArray[np.float64], offset: int) -> Iterator[tuple[int, float]]:
    """Change points by Pettitt's test, then within either side."""
    found = _pettitt(series)
    if found is None or found[1] > _SURE:
        return
    at, p_value = found
    yield offset + at, p_value
    yield from _split(series[:at], offset)
    yield from _split(series[at:], offset + at)


def _clear(found: list[tuple[int, float]], series: npt.NDArray[np.float64]) -> list[tuple[int, float]]:
    """Change points less those that are small beside how days vary anyway, the smallest first."""
    while found:
        levels = np.split(series, [at for at, _ in found])
        noise = _MAD_TO_DEVIATION * float(np.median(np.abs(np.concatenate([one - np.median(one) for one in levels]))))
        sizes = [abs(float(np.median(after) - np.median(before))) for before, after in pairwise(levels)]
        smallest = int(np.argmin(sizes))
        if sizes[smallest] >= _CLEAR * noise:
            break
        found = found[:smallest] + found[smallest + 1 :]
    return found


def _pettitt(series: npt.NDArray[np.float64]) -> tuple[int, float] | None:
    """The likeliest change point, and the chance of one this clear without any change; None of a short series."""
    size = series.size
    if size < 2 * _SHORTEST:
        return None
    _, inverse, counts = np.unique(series, return_inverse=True, return_counts=True)
    twice_rank = (2 * np.cumsum(counts) - counts + 1)[inverse]  # ties share the mean of their ranks; twice it is whole
    statistic = np.abs(np.cumsum(twice_rank) - np.arange(1, size + 1) * (size + 1))
    inner = statistic[_SHORTEST - 1 : size - _SHORTEST]
    at = int(np.argmax(inner)) + _SHORTEST
    highest = int(inner.max())
    return at, min(1.0, 2 * math.exp(-6 * highest**2 / (size**3 + size**2)))
