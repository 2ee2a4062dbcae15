"""Box plots of durations and values: what is usual, and what lies beyond the bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from tasks.report.figures.axes import label_x, tick_text
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, HALF, INK, ORANGE, TINT, add_axes, new_figure
from tasks.report.numbers import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

_UNITS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0))
_FAR = 12  # an extreme this many box widths away would squeeze the box: the axis becomes logarithmic
_LEAST_BETWEEN_TICKS = 42.0  # in CSS pixels
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

    def draw(width: int) -> MplFigure:
        figure = new_figure(width, 122)
        axes = add_axes(figure, 10, 42, 18, 4)
        _draw_box(axes, box, points)
        is_log = _set_extent(axes, box)
        ticks = _round_ticks(axes, is_log=is_log)
        unit = f"{measured.unit}, logarithmic on the right" if is_log else measured.unit
        label_x(axes, ticks, [tick_text(tick, source.numbers) for tick in ticks], unit)
        return figure

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


def _draw_box(axes: Axes, of: Mapping[str, float], points: list[float]) -> None:
    low, high = max(of["minimum"], of["lower_bound"]), min(of["maximum"], of["upper_bound"])
    box = {"med": of["median"], "q1": of["q1"], "q3": of["q3"], "whislo": low, "whishi": high, "fliers": points}
    line = {"color": BLUE, "linewidth": 1.2}
    axes.bxp(
        [box],
        orientation="horizontal",
        positions=[0],
        widths=0.5,
        patch_artist=True,
        boxprops={"facecolor": TINT, "edgecolor": BLUE, "linewidth": 1.2},
        medianprops={"color": INK, "linewidth": 2},
        whiskerprops=line,
        capprops=line,
        flierprops={"marker": "o", "markersize": 3.4, "mfc": ORANGE, "mec": "none", "alpha": 0.55},
        manage_ticks=False,
    )
    axes.set_ylim(-0.5, 0.5)


def _set_extent(axes: Axes, of: Mapping[str, float]) -> bool:
    """Fit the axis to the values; whether it had to become logarithmic beyond the box."""
    width = (of["q3"] - of["q1"]) or abs(of["median"]) or 1.0
    least, most = of["minimum"], of["maximum"]
    if max(most - of["q3"], of["q1"] - least) <= _FAR * width:
        room = 0.03 * ((most - least) or width)
        axes.set_xlim(least - room, most + room)
        return False
    axes.set_xscale("symlog", linthresh=max(abs(of["q3"]), abs(of["q1"])), linscale=1.2)
    axes.set_xlim(least - 0.05 * width if abs(least) <= of["q3"] else least * 1.15, most * 1.25)
    return True


def _round_ticks(axes: Axes, *, is_log: bool) -> list[float]:
    """Round numbers; on a logarithmic axis powers of ten, then twice and five times those, where no other is near."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    low, high = axes.get_xlim()
    if not is_log:
        return [float(tick) for tick in MaxNLocator(6).tick_values(low, high) if low <= tick <= high]
    powers = [10.0**at for at in range(-3, 16)]
    candidates = [0.0, *powers, *(-one for one in powers), *(step * one for step in (2, 5) for one in powers)]
    chosen: dict[float, float] = {}
    for value in (value for value in candidates if low <= value <= high):
        place = float(axes.transData.transform((value, 0))[0])
        if all(abs(place - other) >= _LEAST_BETWEEN_TICKS for other in chosen.values()):
            chosen[value] = place
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
