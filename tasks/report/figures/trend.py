"""Plots over time: rows and value a day, and rows by hour of the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from tasks.report.figures.drawing import Drawing, Source, drawn, label_y
from tasks.report.figures.style import BLUE, FULL, GREEN, HALF, INK, ORANGE, PHONE, TINT, add_axes, new_figure
from tasks.report.numbers import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

_MOST_DAYS, _MOST_WEEKS = 370, 1_500  # days in all, up to which days and weeks are told apart
_MEAN_DAYS = 7
_PANEL_HEIGHT, _TOP, _BOTTOM, _BETWEEN = 128, 26, 26, 38
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TITLES = {"1d": "day", "1w": "week", "1mo": "month"}


class Panel(NamedTuple):
    """One curve over time."""

    title: str
    values: list[float]
    colour: str
    unit: str


def daily_plot(source: Source) -> list[Drawing]:
    """Rows, and value where there is one, for each day, week or month of the batch, empty ones included."""
    table = source.read("daily_trend")
    if table is None:
        return []
    every = _step(table["day"])
    series = _regular(table, every)
    starts = series["day"].to_list()
    panels = _panels(series, source, _TITLES[every])
    alt = "; ".join(_describe(panel, starts, source.numbers) for panel in panels)

    def draw(width: int) -> MplFigure:
        return _draw_panels(panels, starts, every, width, source.numbers)

    return [
        Drawing(
            name="daily_trend",
            section="time",
            title=f"By {_TITLES[every]}",
            alt=alt,
            how=_how(every, series.height),
            wide=drawn("daily_trend", alt, draw, FULL),
            narrow=drawn("daily_trend", alt, draw, PHONE),
        )
    ]


def hourly_plot(source: Source) -> list[Drawing]:
    """Rows by hour of the day."""
    table = source.read("hourly_trend")
    if table is None or not table["count"].sum():
        return []
    counts = table.sort("hour")["count"].to_list()
    peak = max(range(24), key=lambda hour: counts[hour])
    busiest = f"{peak:02d}:00 to {peak + 1:02d}:00, {source.numbers.whole(counts[peak])} rows"
    alt = f"Rows by hour of the day; the busiest hour is {busiest}"

    def draw(width: int) -> MplFigure:
        figure = new_figure(width, 210)
        axes = add_axes(figure, 46, 34, 8, 22)
        axes.stairs(counts, range(25), fill=True, color=TINT)
        axes.stairs(counts, range(25), color=BLUE, linewidth=1.4)
        axes.set(xlim=(0, 24), xticks=range(0, 25, 6), ylim=(0, max(counts) * 1.12), xlabel="hour of the day")
        label_y(axes, source.numbers)
        _label_peak(axes, peak + 0.5, counts[peak], f"{source.numbers.whole(counts[peak])} at {peak}", (0, 24))
        return figure

    how = f"Accepted rows by the hour in which they start, all days together. Busiest: {busiest}."
    return [Drawing("hourly_trend", "time", "By hour of the day", alt, how, drawn("hourly_trend", alt, draw, HALF))]


def weekday_plot(source: Source) -> list[Drawing]:
    """Mean rows a day by day of the week, where the batch covers each at least twice."""
    table = source.read("daily_trend")
    if table is None or _step(table["day"]) != "1d":
        return []
    days = _regular(table, "1d")
    if days.height < 2 * _MEAN_DAYS:
        return []
    weekdays = days.group_by(pl.col("day").dt.weekday().alias("weekday")).agg(pl.col("count").mean()).sort("weekday")
    means = weekdays["count"].to_list()
    peak = max(range(7), key=lambda at: means[at])
    busiest = f"{_WEEKDAYS[peak]}, {source.numbers.real(means[peak])}"
    how = f"Mean rows of a day, days without rows included. Busiest: {busiest}."

    def draw(width: int) -> MplFigure:
        figure = new_figure(width, 210)
        axes = add_axes(figure, 46, 34, 8, 22)
        axes.bar(range(7), means, width=0.72, color=TINT, edgecolor=BLUE, linewidth=1.4)
        axes.set(xlim=(-0.6, 6.6), ylim=(0, max(means) * 1.12))
        axes.set_xticks(range(7), [name[:3] for name in _WEEKDAYS])
        label_y(axes, source.numbers)
        _label_peak(axes, peak, means[peak], source.numbers.real(means[peak]), (-0.6, 6.6))
        return figure

    title = "By day of the week"
    return [Drawing("weekday", "time", title, f"{title}. {how}", how, drawn("weekday", f"{title}. {how}", draw, HALF))]


def _step(days: pl.Series) -> str:
    first, last = _ends(days)
    span = (last - first).days + 1
    return "1d" if span <= _MOST_DAYS else "1w" if span <= _MOST_WEEKS else "1mo"


def _ends(days: pl.Series) -> tuple[date, date]:
    first, last = days.min(), days.max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return first, last


def _regular(table: pl.DataFrame, every: str) -> pl.DataFrame:
    """`day, count, total_value` at even steps: a step without rows has none, rather than being left out."""
    sums = [pl.col(name).sum() for name in ("count", "total_value") if name in table.columns]
    if table["total_value"].null_count() == table.height:
        sums = sums[:1]
    counted = table.group_by(pl.col("day").dt.truncate(every)).agg(sums)
    starts = pl.select(day=pl.date_range(*_ends(counted["day"]), every))
    return starts.join(counted, on="day", how="left", maintain_order="left").fill_null(0)


def _panels(series: pl.DataFrame, source: Source, step: str) -> list[Panel]:
    panels = [Panel(f"Rows a {step}", series["count"].cast(pl.Float64).to_list(), BLUE, "rows")]
    if "total_value" in series.columns:
        words = source.words
        title = f"Total {words.value_with_unit} a {step}"
        panels.append(Panel(title, series["total_value"].to_list(), GREEN, words.value_unit or words.value))
    return panels


def _describe(panel: Panel, starts: Sequence[date], numbers: Numbers) -> str:
    values = panel.values
    top = max(range(len(values)), key=lambda at: values[at])
    return (
        f"{panel.title}, {starts[0]} to {starts[-1]}: from {numbers.real(min(values))} "
        f"to {numbers.real(values[top])} ({starts[top]})"
    )


def _how(every: str, steps: int) -> str:
    text = f"Accepted rows by the {_TITLES[every]} in which they start"
    if every == "1d" and steps >= 2 * _MEAN_DAYS:
        text += f"; the line is the mean of a day and the {_MEAN_DAYS - 1} before it"
    return text + "."


def _draw_panels(
    panels: Sequence[Panel], starts: Sequence[date], every: str, width: int, numbers: Numbers
) -> MplFigure:
    height = _TOP + _BOTTOM + len(panels) * _PANEL_HEIGHT + (len(panels) - 1) * _BETWEEN
    figure = new_figure(width, height)
    for at, panel in enumerate(panels):
        top = _TOP + at * (_PANEL_HEIGHT + _BETWEEN)
        axes = add_axes(figure, 54, height - top - _PANEL_HEIGHT, 10, top)
        _draw_panel(axes, panel, starts, every, numbers)
        _label_time(axes, starts, every, 4 if width == PHONE else 10)
        if at < len(panels) - 1:
            axes.set_xticklabels([])
    return figure


def _draw_panel(axes: Axes, panel: Panel, starts: Sequence[date], every: str, numbers: Numbers) -> None:
    values, edges = panel.values, range(len(panel.values) + 1)
    axes.stairs(values, edges, fill=True, color=panel.colour, alpha=0.28 if len(values) > 1 else 0.6)
    axes.stairs(values, edges, color=panel.colour, linewidth=1.1)
    axes.set(xlim=(0, len(values)), ylim=(min(0, *values) * 1.1, (max(0, *values) or 1) * 1.16))
    axes.set_title(panel.title, loc="left", fontsize=11.5, color=INK, pad=7, x=-54 / axes.bbox.width)
    label_y(axes, numbers)
    if every == "1d" and len(values) >= 2 * _MEAN_DAYS:
        means = pl.Series(values).rolling_mean(_MEAN_DAYS).to_list()
        axes.plot(
            [at + 0.5 for at in edges[:-1]], [float("nan") if one is None else one for one in means], color=ORANGE
        )
    top = max(range(len(values)), key=lambda at: values[at])
    _label_peak(
        axes, top + 0.5, values[top], f"{numbers.real(values[top])} on {_day(starts[top], every)}", axes.get_xlim()
    )


def _label_peak(axes: Axes, x: float, y: float, text: str, limits: tuple[float, float]) -> None:
    """The highest point with its number, on the side where there is room."""
    place = (x - limits[0]) / (limits[1] - limits[0])
    side = "left" if place < 0.3 else "right" if place > 0.7 else "center"
    axes.annotate(
        text, (x, y), xytext=(0, 3), textcoords="offset points", ha=side, va="bottom", fontsize=10.5, color=INK
    )


def _label_time(axes: Axes, starts: Sequence[date], every: str, most: int) -> None:
    ticks = _ticks(starts, every, most)
    axes.set_xticks([at + (0.5 if every == "1d" and len(starts) <= most else 0) for at, _ in ticks])
    axes.set_xticklabels([text for _, text in ticks])


def _ticks(starts: Sequence[date], every: str, most: int) -> list[tuple[int, str]]:
    """Where to write dates: at days, Mondays, or the beginnings of months or years, whatever leaves room."""
    at_months = [(at, day) for at, day in enumerate(starts) if _begins(starts, at, month=True)]
    at_years = [(at, day) for at, day in enumerate(starts) if _begins(starts, at, month=False)]
    if every == "1d" and len(starts) <= most:
        return [(at, _day(day, every)) for at, day in enumerate(starts)]
    if every == "1d" and len(starts) <= most * 7:
        mondays = [(at, day) for at, day in enumerate(starts) if day.weekday() == 0]
        return [(at, _day(day, every)) for at, day in mondays]
    if len(at_months) <= most * 3:
        return [(at, f"{day:%b} {day.year}") for at, day in at_months[:: max(1, -(-len(at_months) // most))]]
    return [(at, str(day.year)) for at, day in at_years[:: max(1, -(-len(at_years) // most))]]


def _begins(starts: Sequence[date], at: int, *, month: bool) -> bool:
    """Whether a month or a year begins within this step."""
    before = starts[at - 1] if at else starts[0] - timedelta(days=1)
    day = starts[at]
    return (before.year, before.month) != (day.year, day.month) if month else before.year != day.year


def _day(day: date, every: str) -> str:
    return f"{day:%b} {day.year}" if every == "1mo" else f"{day.day} {day:%b}"
