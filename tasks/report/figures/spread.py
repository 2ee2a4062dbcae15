"""Box plots of durations and values: what is usual, and what lies beyond the bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import polars as pl

from tasks.report.figures.axes import label_x, round_numbers, tick_text
from tasks.report.figures.canvas import Canvas, Panel, place
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, HALF, INK, ORANGE, TINT
from tasks.report.numbers import Numbers

_UNITS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0))
_FAR = 12  # an extreme this many box widths away would squeeze the box: the axis becomes logarithmic
_POWER_OF_TEN = 0.75  # its width on that axis, if from 0 to the far end of the box it is 1
_LEAST_BETWEEN_TICKS = 42.0  # in CSS pixels
_MARGINS = (10, 42, 18, 4)
_NUMBERS = ("minimum", "q1", "median", "q3", "maximum", "lower_bound", "upper_bound")


class Measured(NamedTuple):
    """What is drawn of, and how its numbers are written."""

    title: str
    unit: str
    scale: float  # the table's unit in units of the axis
    write: Callable[[float], str]


def spread_plots(source: Source) -> list[Drawing]:
    """One box plot a measure, from its quartiles and bounds; the farthest rows are single points."""
    bounds = source.read("outlier_bounds")
    if bounds is None:
        return []
    varied = bounds.filter((pl.col("count") > 0) & (pl.col("minimum") < pl.col("maximum")))
    return [_drawing(row, source) for row in varied.iter_rows(named=True)]


def _drawing(row: Mapping[str, Any], source: Source) -> Drawing:
    measure = row["measure"]
    measured = _duration(row, source.numbers) if measure == "duration_seconds" else _value(source)
    how = _sentence(row, measured.write, source.numbers)
    points = [point / measured.scale for point in _points(source, measure)]
    box = {name: (row[name] or 0.0) / measured.scale for name in _NUMBERS}
    name, alt = f"spread_{measure}", f"{measured.title}. {how}"

    def draw(width: int) -> Canvas:
        canvas = Canvas(width, 122)
        panel = _panel(canvas, box)
        _draw_box(panel, box, points)
        ticks = _round_ticks(panel)
        unit = f"{measured.unit}, logarithmic on the right" if _is_wide(box) else measured.unit
        label_x(panel, ticks, [tick_text(tick, source.numbers) for tick in ticks], unit)
        return canvas

    return Drawing(name, "outliers", measured.title, alt, how, drawn(name, alt, draw, HALF))


def _duration(row: Mapping[str, Any], numbers: Numbers) -> Measured:
    usual = abs(row["q3"] or row["maximum"])
    unit, scale = next(((name, size) for name, size in _UNITS if usual >= size), _UNITS[-1])
    return Measured("Duration", unit, scale, numbers.duration)


def _value(source: Source) -> Measured:
    words, numbers = source.words, source.numbers
    unit = words.value_unit

    def write(value: float) -> str:
        return f"{numbers.real(value)} {unit}" if unit else numbers.real(value)

    title = words.value_with_unit
    return Measured(title[:1].upper() + title[1:], unit or words.value, 1.0, write)


def _points(source: Source, measure: str) -> list[float]:
    table = source.scan("outliers")
    if table is None:
        return []
    return table.filter(pl.col("measure") == measure).select("value").collect()["value"].drop_nulls().to_list()


def _draw_box(panel: Panel, of: Mapping[str, float], points: list[float]) -> None:
    """The quartiles as a box around the median, lines to the last values within the bounds, dots for those beyond."""
    canvas, middle = panel.canvas, (panel.bottom + panel.top) / 2
    half = panel.height / 4
    q1, median, q3 = (panel.across(of[name]) for name in ("q1", "median", "q3"))
    low = panel.across(max(of["minimum"], of["lower_bound"]))
    high = panel.across(min(of["maximum"], of["upper_bound"]))
    for box_end, end in ((q1, low), (q3, high)):
        canvas.line([(box_end, middle), (end, middle)], BLUE, 1.2)
        canvas.line([(end, middle - half / 2), (end, middle + half / 2)], BLUE, 1.2)
    canvas.box((q1, middle - half), (q3, middle + half), TINT, edge=1.2, colour=BLUE)
    canvas.line([(median, middle - half), (median, middle + half)], INK, 2)
    canvas.dots([(panel.across(point), middle) for point in points], 1.7, ORANGE, 0.55)


def _panel(canvas: Canvas, of: Mapping[str, float]) -> Panel:
    """A scale that holds all values: even, or logarithmic beyond the box where an extreme would squeeze it."""
    width, least, most = _width(of), of["minimum"], of["maximum"]
    if not _is_wide(of):
        room = 0.03 * ((most - least) or width)
        return place(canvas, *_MARGINS, x=(least - room, most + room), y=(0, 1))
    limits = (least - 0.05 * width if abs(least) <= of["q3"] else least * 1.15, most * 1.25)
    even_within = max(abs(of["q3"]), abs(of["q1"])) or width
    return place(canvas, *_MARGINS, x=limits, y=(0, 1))._replace(bend=partial(_bent, even_within=even_within))


def _bent(value: float, even_within: float) -> float:
    """Even up to a limit on either side of 0, logarithmic beyond: each power of ten as wide as 5/6 of the even part."""
    size = abs(value) / even_within
    return value / even_within if size <= 1 else math.copysign(1 + math.log10(size) * _POWER_OF_TEN, value)


def _is_wide(of: Mapping[str, float]) -> bool:
    return max(of["maximum"] - of["q3"], of["q1"] - of["minimum"]) > _FAR * _width(of)


def _width(of: Mapping[str, float]) -> float:
    return (of["q3"] - of["q1"]) or abs(of["median"]) or 1.0


def _round_ticks(panel: Panel) -> list[float]:
    """Round numbers; on a logarithmic axis powers of ten, then twice and five times those, where no other is near."""
    low, high = panel.x
    if panel.bend is float:
        return round_numbers(panel.x, 6)
    powers = [10.0**at for at in range(-3, 16)]
    candidates = [0.0, *powers, *(-one for one in powers), *(step * one for step in (2, 5) for one in powers)]
    chosen: dict[float, float] = {}
    for value in (value for value in candidates if low <= value <= high):
        at = panel.across(value)
        if all(abs(at - other) >= _LEAST_BETWEEN_TICKS for other in chosen.values()):
            chosen[value] = at
    return sorted(chosen)


def _sentence(row: Mapping[str, Any], write: Callable[[float], str], numbers: Numbers) -> str:
    """What the picture says, in numbers."""
    q1, median, q3 = (write(row[name]) for name in ("q1", "median", "q3"))
    usual = f"Half of the rows lie between {q1} and {q3}, around a median of {median}."
    beyond = [
        f"{numbers.whole(row[side])} {side} {write(row[bound])}"
        for side, bound in (("below", "lower_bound"), ("above", "upper_bound"))
        if row[side]
    ]
    if not beyond:
        return f"{usual} No row lies more than 1.5 box widths outside."
    share = numbers.share((row["below"] + row["above"]) / row["count"])
    return f"{usual} Outliers, more than 1.5 box widths outside: {' and '.join(beyond)}; {share} of all."
