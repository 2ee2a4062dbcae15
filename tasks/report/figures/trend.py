"""The plot over time: rows, and value where there is one, by day, week or month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from tasks.report.figures.axes import label_peak, label_x, label_y, steps
from tasks.report.figures.canvas import Canvas, Panel, place
from tasks.report.figures.days import regular, step, without_strays
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, CURVE_WIDTH, FULL, GREEN, ORANGE, PHONE, SOFT
from tasks.report.numbers import Numbers

_MEAN_DAYS = 7
_PANEL_HEIGHT, _TOP, _BOTTOM, _BETWEEN, _LEFT = 128, 26, 26, 38, 54
_HEADROOM = 1.16  # room above the peak, for its label
_TITLES = {"1d": "day", "1w": "week", "1mo": "month"}


class Curve(NamedTuple):
    """One curve over time."""

    title: str
    values: list[float]
    colour: str
    measure: str  # as the table of change points calls it
    changes: tuple[int, ...] = ()  # at which steps the level changed


def daily_plot(source: Source) -> list[Drawing]:
    """Rows, and value where there is one, for each day, week or month of the batch, empty ones included."""
    found = source.read("daily_trend")
    if found is None or found.height < 2:
        return []
    table, strays = without_strays(found)
    every = step(table["day"])
    series = regular(table, every)
    starts = series["day"].to_list()
    curves = _curves(series, source, _TITLES[every])
    if every == "1d":
        curves = [curve._replace(changes=_changes(source, curve.measure, starts)) for curve in curves]
    how = _how(every, curves) + (_not_drawn(strays, starts, source.numbers) if strays else "")
    alt = "; ".join(_describe(curve, starts, source.numbers) for curve in curves)

    def draw(width: int) -> Canvas:
        return _draw(curves, starts, every, width, source.numbers)

    return [
        Drawing(
            name="daily_trend",
            section="time",
            title=f"By {_TITLES[every]}",
            alt=alt,
            how=how,
            wide=drawn("daily_trend", alt, draw, FULL),
            narrow=drawn("daily_trend", alt, draw, PHONE),
        )
    ]


def _not_drawn(strays: int, starts: Sequence[date], numbers: Numbers) -> str:
    rows = "row" if strays == 1 else "rows"
    first, last = numbers.day(starts[0]), numbers.day(starts[-1])
    return f" Not drawn: {numbers.whole(strays)} {rows} far outside, before {first} or after {last}."


def _curves(series: pl.DataFrame, source: Source, step: str) -> list[Curve]:
    curves = [Curve(f"Rows a {step}", series["count"].cast(pl.Float64).to_list(), BLUE, "count")]
    if "total_value" in series.columns:
        words = source.words
        title = f"Total {words.value_with_unit} a {step}"
        curves.append(Curve(title, series["total_value"].to_list(), GREEN, "total_value"))
    return curves


def _describe(curve: Curve, starts: Sequence[date], numbers: Numbers) -> str:
    values = curve.values
    top = max(range(len(values)), key=lambda at: values[at])
    return (
        f"{curve.title}, {numbers.day(starts[0])} to {numbers.day(starts[-1])}: from {numbers.real(min(values))} "
        f"to {numbers.real(values[top])} ({numbers.day(starts[top])})"
    )


def _changes(source: Source, measure: str, starts: Sequence[date]) -> tuple[int, ...]:
    """At which of the days the level of a measure changed for good."""
    table = source.scan("change_points")
    if table is None:
        return ()
    days = table.filter(pl.col("measure") == measure).select("day").collect()["day"].to_list()
    return tuple((day - starts[0]).days for day in days if starts[0] <= day <= starts[-1])


def _how(every: str, curves: Sequence[Curve]) -> str:
    text = f"Accepted rows by the {_TITLES[every]} in which they start"
    if every == "1d" and len(curves[0].values) >= 2 * _MEAN_DAYS:
        text += f"; the line is the mean of a day and the {_MEAN_DAYS - 1} before it"
    if any(curve.changes for curve in curves):
        text += "; dashes mark days on which the level changed for good (Pettitt's test)"
    return text + "."


def _draw(curves: Sequence[Curve], starts: Sequence[date], every: str, width: int, numbers: Numbers) -> Canvas:
    height = _TOP + _BOTTOM + len(curves) * _PANEL_HEIGHT + (len(curves) - 1) * _BETWEEN
    canvas = Canvas(width, height)
    for at, curve in enumerate(curves):
        top = _TOP + at * (_PANEL_HEIGHT + _BETWEEN)
        low, high = min(0, *curve.values) * 1.1, (max(0, *curve.values) or 1) * _HEADROOM
        below = height - top - _PANEL_HEIGHT
        panel = place(canvas, _LEFT, below, 10, top, x=(0, len(starts)), y=(low, high))
        _draw_curve(panel, curve, starts, every, numbers)
        is_last = at == len(curves) - 1
        _label_time(panel, _ticks(starts, every, 4 if width == PHONE else 10, numbers), is_last=is_last)
    return canvas


def _draw_curve(panel: Panel, curve: Curve, starts: Sequence[date], every: str, numbers: Numbers) -> None:
    values, canvas = curve.values, panel.canvas
    canvas.text((0, panel.top - 7), curve.title)
    label_y(panel, numbers)
    steps(panel, values, curve.colour, curve.colour, alpha=0.28)
    if every == "1d" and len(values) >= 2 * _MEAN_DAYS:
        means = enumerate(pl.Series(values).rolling_mean(_MEAN_DAYS).to_list())
        canvas.line([panel.at(at + 0.5, mean) for at, mean in means if mean is not None], ORANGE, CURVE_WIDTH)
    for at in curve.changes:
        x = panel.across(at)
        canvas.line([(x, panel.bottom), (x, panel.bottom - panel.height / _HEADROOM)], SOFT, 0.9, dashes=(3.3, 1.4))
    top = max(range(len(values)), key=lambda at: values[at])
    text = f"{numbers.real(values[top])} on {_day(starts[top], every, numbers)}"
    label_peak(panel, top + 0.5, values[top], text)


def _label_time(panel: Panel, ticks: Sequence[tuple[float, str]], *, is_last: bool) -> None:
    """Dates below the last panel; the others have the marks only."""
    label_x(panel, [at for at, _ in ticks], [text if is_last else "" for _, text in ticks])


def _ticks(starts: Sequence[date], every: str, most: int, numbers: Numbers) -> list[tuple[float, str]]:
    """Where to write dates: at days, Mondays, or the beginnings of months or years, whatever leaves room."""
    at_months = [(at, day) for at, day in enumerate(starts) if _begins(starts, at, month=True)]
    at_years = [(at, day) for at, day in enumerate(starts) if _begins(starts, at, month=False)]
    if every == "1d" and len(starts) <= most:
        return [(at + 0.5, _day(day, every, numbers)) for at, day in enumerate(starts)]
    if every == "1d" and len(starts) <= most * 7:
        mondays = [(at, day) for at, day in enumerate(starts) if day.weekday() == 0]
        return [(at, _day(day, every, numbers)) for at, day in mondays]
    if len(at_months) <= most * 3:
        return [(at, numbers.month_and_year(day)) for at, day in at_months[:: max(1, -(-len(at_months) // most))]]
    return [(at, str(day.year)) for at, day in at_years[:: max(1, -(-len(at_years) // most))]]


def _begins(starts: Sequence[date], at: int, *, month: bool) -> bool:
    """Whether a month or a year begins within this step."""
    before = starts[at - 1] if at else starts[0] - timedelta(days=1)
    day = starts[at]
    return (before.year, before.month) != (day.year, day.month) if month else before.year != day.year


def _day(day: date, every: str, numbers: Numbers) -> str:
    return numbers.month_and_year(day) if every == "1mo" else numbers.day_and_month(day)
