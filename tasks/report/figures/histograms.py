"""How numbers are spread: one small histogram a column, from exact counts in bins of a round width."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from tasks.report.figures.axes import label_x, label_y, steps
from tasks.report.figures.canvas import Canvas, place
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, HALF, TINT
from tasks.report.text import shown

_MOST_COLUMNS, _LEAST_BINS, _LABELS = 4, 3, 5
_DURATION = "duration_seconds"


def histogram_plots(source: Source) -> list[Drawing]:
    """Histograms of durations and of the first columns that are numbers; the plot over time shows times."""
    table = source.read("column_histogram")
    if table is None:
        return []
    bounds = pl.coalesce("lower", "upper").cast(pl.Float64, strict=False)
    numeric = table.filter(bounds.is_not_null())
    names = list(dict.fromkeys(numeric["column"].to_list()))
    wanted = sorted(names, key=lambda name: name != _DURATION)[:_MOST_COLUMNS]
    drawings = [_drawing(name, numeric.filter(pl.col("column") == name).sort("bin"), source) for name in wanted]
    return [drawing for drawing in drawings if drawing is not None]


def _drawing(name: str, bins: pl.DataFrame, source: Source) -> Drawing | None:
    counts = bins["count"].to_list()
    if len(counts) < _LEAST_BINS or not any(counts):
        return None
    write = _writer(name, source)
    edges = bins["lower"].cast(pl.Float64, strict=False).to_list()  # the first is open to the left
    every = max(1, -(-(len(edges) - 1) // _LABELS))
    ticks = list(range(1, len(edges), every))
    labels = [write(edges[at]) for at in ticks]
    title = "Duration" if name == _DURATION else shown(name.replace("_", " ")).capitalize()
    how = _sentence(bins, counts, write, source)

    def draw(width: int) -> Canvas:
        canvas = Canvas(width, 174)
        panel = place(canvas, 46, 26, 28, 10, x=(0, len(counts)), y=(0, max(counts) * 1.08))
        label_y(panel, source.numbers)
        steps(panel, counts, BLUE, TINT)
        label_x(panel, ticks, labels)
        return canvas

    key = f"histogram-{'duration' if name == _DURATION else list(source.columns).index(name)}"
    return Drawing(key, "columns", title, f"{title}. {how}", how, drawn(key, f"{title}. {how}", draw, HALF))


def _writer(name: str, source: Source) -> Callable[[float], str]:
    if name == _DURATION:
        return source.numbers.duration
    return source.numbers.compact


def _sentence(bins: pl.DataFrame, counts: list[int], write: Callable[[float], str], source: Source) -> str:
    numbers = source.numbers
    top = max(range(len(counts)), key=lambda at: counts[at])
    low, high = bins["lower"][top], bins["upper"][top]
    place = (
        f"below {write(float(high))}" if low is None
        else f"from {write(float(low))}" + (f" to {write(float(high))}" if high is not None else " upwards")
    )  # fmt: skip
    held = f"{numbers.whole(counts[top])} ({numbers.share(counts[top] / sum(counts))})"
    return f"Rows by value; the last bin holds all above. The fullest goes {place}: {held}."
