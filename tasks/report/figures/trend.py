"""The plot over time: rows, and value where there is one, by day, week or month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from tasks.report.figures.axes import label_peak, label_x, label_y, steps
from tasks.report.figures.days import regular, step, without_strays
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, FULL, GREEN, INK, ORANGE, PHONE, SOFT, add_axes, new_figure
from tasks.report.numbers import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

_MEAN_DAYS = 7
_PANEL_HEIGHT, _TOP, _BOTTOM, _BETWEEN, _LEFT = 128, 26, 26, 38, 54
_HEADROOM = 1.16  # room above the peak, for its label
_TITLES = {"1d": "day", "1w": "week", "1mo": "month"}


class Panel(NamedTuple):
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
    panels = _panels(series, source, _TITLES[every])
    if every == "1d":
        panels = [panel._replace(changes=_changes(source, panel.measure, starts)) for panel in panels]
    how = _how(every, panels) + (_not_drawn(strays, starts, source.numbers) if strays else "")
    alt = "; ".join(_describe(panel, starts, source.numbers) for panel in panels)

    def draw(width: int) -> MplFigure:
        return _draw_panels(panels, starts, every, width, source.numbers)

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


def _panels(series: pl.DataFrame, source: Source, step: str) -> list[Panel]:
    panels = [Panel(f"Rows a {step}", series["count"].cast(pl.Float64).to_list(), BLUE, "count")]
    if "total_value" in series.columns:
        words = source.words
        title = f"Total {words.value_with_unit} a {step}"
        panels.append(Panel(title, series["total_value"].to_list(), GREEN, "total_value"))
    return panels


def _describe(panel: Panel, starts: Sequence[date], numbers: Numbers) -> str:
    values = panel.values
    top = max(range(len(values)), key=lambda at: values[at])
    return (
        f"{panel.title}, {numbers.day(starts[0])} to {numbers.day(starts[-1])}: from {numbers.real(min(values))} "
        f"to {numbers.real(values[top])} ({numbers.day(starts[top])})"
    )


def _changes(source: Source, measure: str, starts: Sequence[date]) -> tuple[int, ...]:
    """At which of the days the level of a measure changed for good."""
    table = source.scan("change_points")
    if table is None:
        return ()
    days = table.filter(pl.col("measure") == measure).select("day").collect()["day"].to_list()
    return tuple((day - starts[0]).days for day in days if starts[0] <= day <= starts[-1])


def _how(every: str, panels: Sequence[Panel]) -> str:
    text = f"Accepted rows by the {_TITLES[every]} in which they start"
    if every == "1d" and len(panels[0].values) >= 2 * _MEAN_DAYS:
        text += f"; the line is the mean of a day and the {_MEAN_DAYS - 1} before it"
    if any(panel.changes for panel in panels):
        text += "; dashes mark days on which the level changed for good (Pettitt's test)"
    return text + "."


def _draw_panels(
    panels: Sequence[Panel], starts: Sequence[date], every: str, width: int, numbers: Numbers
) -> MplFigure:
    height = _TOP + _BOTTOM + len(panels) * _PANEL_HEIGHT + (len(panels) - 1) * _BETWEEN
    figure = new_figure(width, height)
    for at, panel in enumerate(panels):
        top = _TOP + at * (_PANEL_HEIGHT + _BETWEEN)
        axes = add_axes(figure, _LEFT, height - top - _PANEL_HEIGHT, 10, top)
        _draw_panel(axes, panel, starts, every, numbers)
        is_last = at == len(panels) - 1
        _label_time(axes, _ticks(starts, every, 4 if width == PHONE else 10, numbers), is_last=is_last)
    return figure


def _draw_panel(axes: Axes, panel: Panel, starts: Sequence[date], every: str, numbers: Numbers) -> None:
    values, edges = panel.values, range(len(panel.values) + 1)
    steps(axes, values, panel.colour, panel.colour, alpha=0.28)
    axes.set(xlim=(0, len(values)), ylim=(min(0, *values) * 1.1, (max(0, *values) or 1) * _HEADROOM))
    corner = (-_LEFT / axes.bbox.width, 1 + 7 / axes.bbox.height)
    axes.text(*corner, panel.title, transform=axes.transAxes, color=INK, va="baseline")
    label_y(axes, numbers)
    if every == "1d" and len(values) >= 2 * _MEAN_DAYS:
        means = pl.Series(values).rolling_mean(_MEAN_DAYS).to_list()
        axes.plot(
            [at + 0.5 for at in edges[:-1]], [float("nan") if one is None else one for one in means], color=ORANGE
        )
    if panel.changes:
        upright = axes.get_xaxis_transform()
        axes.vlines(panel.changes, 0, 1 / _HEADROOM, transform=upright, colors=SOFT, linewidth=0.9, linestyles="--")
    top = max(range(len(values)), key=lambda at: values[at])
    text = f"{numbers.real(values[top])} on {_day(starts[top], every, numbers)}"
    label_peak(axes, top + 0.5, values[top], text, (0, len(values)))


def _label_time(axes: Axes, ticks: Sequence[tuple[float, str]], *, is_last: bool) -> None:
    """Dates below the last panel; the others have the marks only."""
    label_x(axes, [at for at, _ in ticks], [text if is_last else "" for _, text in ticks])


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
