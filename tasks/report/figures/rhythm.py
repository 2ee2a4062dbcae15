"""Plots of rhythm: rows by hour of the day and by day of the week."""

from __future__ import annotations

import polars as pl

from tasks.report.figures.axes import bars, label_peak, label_x, label_y, steps
from tasks.report.figures.canvas import Canvas, place
from tasks.report.figures.days import regular, step, without_strays
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, HALF, TINT
from tasks.report.words import counted

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LEAST_DAYS = 14


def hourly_plot(source: Source) -> list[Drawing]:
    """Rows by hour of the day."""
    table = source.read("hourly_trend")
    if table is None or not table["count"].sum():
        return []
    counts = table.sort("hour")["count"].to_list()
    peak = max(range(24), key=lambda hour: counts[hour])
    busiest = f"{peak:02d}:00 to {peak + 1:02d}:00, {counted(counts[peak], 'row', source.numbers.whole(counts[peak]))}"
    alt = f"Rows by hour of the day; the busiest hour is {busiest}"

    def draw(width: int) -> Canvas:
        canvas = Canvas(width, 216)
        panel = place(canvas, 46, 40, 8, 22, x=(0, 24), y=(0, max(counts) * 1.12))
        label_y(panel, source.numbers)
        steps(panel, counts, BLUE, TINT)
        label_x(panel, range(0, 25, 6), [str(hour) for hour in range(0, 25, 6)], "hour of the day")
        label_peak(panel, peak + 0.5, counts[peak], f"{source.numbers.whole(counts[peak])} at {peak}")
        return canvas

    how = f"Accepted rows by the hour in which they start, all days together. Busiest: {busiest}."
    return [Drawing("hourly_trend", "time", "By hour of the day", alt, how, drawn("hourly_trend", alt, draw, HALF))]


def weekday_plot(source: Source) -> list[Drawing]:
    """Mean rows a day by day of the week, where the batch covers each at least twice."""
    found = source.read("daily_trend")
    if found is None or source.scan("weekday_hour") is not None:  # which says the same, and more
        return []
    table, _ = without_strays(found)
    if step(table["day"]) != "1d":
        return []
    days = regular(table, "1d")
    if days.height < _LEAST_DAYS:
        return []
    weekdays = days.group_by(pl.col("day").dt.weekday().alias("weekday")).agg(pl.col("count").mean()).sort("weekday")
    means = weekdays["count"].to_list()
    peak = max(range(7), key=lambda at: means[at])
    busiest = f"{_WEEKDAYS[peak]}, {source.numbers.real(means[peak])}"
    how = f"Mean rows of a day, days without rows included. Busiest: {busiest}."

    def draw(width: int) -> Canvas:
        canvas = Canvas(width, 216)
        panel = place(canvas, 46, 40, 8, 22, x=(-0.6, 6.6), y=(0, max(means) * 1.12))
        label_y(panel, source.numbers)
        bars(panel, means, 0.72)
        label_x(panel, range(7), [name[:3] for name in _WEEKDAYS])
        label_peak(panel, peak, means[peak], source.numbers.real(means[peak]))
        return canvas

    title = "By day of the week"
    return [Drawing("weekday", "time", title, f"{title}. {how}", how, drawn("weekday", f"{title}. {how}", draw, HALF))]
