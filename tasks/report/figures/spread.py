"""Box plots of durations and values: what is usual, and what lies beyond the bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, HALF, INK, ORANGE, TINT, add_axes, new_figure, without_frame
from tasks.report.numbers import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

_UNITS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0))
_FAR = 12  # an extreme this many box widths away would squeeze the box: the axis becomes logarithmic


def spread_plots(source: Source) -> list[Drawing]:
    """One box plot a measure, from its quartiles and bounds; the extremest rows are single points."""
    bounds = source.read("outlier_bounds")
    if bounds is None:
        return []
    return [_drawing(row, source) for row in bounds.iter_rows(named=True) if row["count"]]


def _drawing(row: Mapping[str, Any], source: Source) -> Drawing:
    measure = row["measure"]
    is_duration = measure == "duration_seconds"
    title = "Duration" if is_duration else source.words.value_with_unit.capitalize()
    unit, scale = _unit(row["q3"] or row["maximum"]) if is_duration else (source.words.value_unit or measure, 1.0)
    how = _sentence(row, source.numbers, is_duration=is_duration)
    points = _points(source, measure)
    name = f"spread_{measure}"

    def draw(width: int) -> MplFigure:
        figure = new_figure(width, 132)
        axes = add_axes(figure, 10, 40, 14, 8)
        _draw_box(axes, {key: _scaled(row[key], scale) for key in _NUMBERS}, [point / scale for point in points])
        axes.set_xlabel(unit)
        _label_x(axes, source.numbers)
        without_frame(axes, "left")
        return figure

    return Drawing(name, "outliers", title, how, how, drawn(name, f"{title}. {how}", draw, HALF))


_NUMBERS = ("minimum", "q1", "median", "q3", "maximum", "lower_bound", "upper_bound")


def _scaled(value: float | None, scale: float) -> float:
    return (value or 0.0) / scale


def _unit(seconds: float) -> tuple[str, float]:
    return next(((name, size) for name, size in _UNITS if abs(seconds) >= size), _UNITS[-1])


def _points(source: Source, measure: str) -> list[float]:
    table = source.scan("outliers")
    if table is None:
        return []
    return table.filter(pl.col("measure") == measure).select("value").collect()["value"].drop_nulls().to_list()


def _draw_box(axes: Axes, of: Mapping[str, float], points: list[float]) -> None:
    low, high = max(of["minimum"], of["lower_bound"]), min(of["maximum"], of["upper_bound"])
    box = {"med": of["median"], "q1": of["q1"], "q3": of["q3"], "whislo": low, "whishi": high, "fliers": points}
    axes.bxp(
        [box],
        orientation="horizontal",
        positions=[0],
        widths=0.5,
        patch_artist=True,
        boxprops={"facecolor": TINT, "edgecolor": BLUE, "linewidth": 1.2},
        medianprops={"color": INK, "linewidth": 2},
        whiskerprops={"color": BLUE, "linewidth": 1.2},
        capprops={"color": BLUE, "linewidth": 1.2},
        flierprops={
            "marker": "o",
            "markersize": 3.4,
            "markerfacecolor": ORANGE,
            "markeredgecolor": "none",
            "alpha": 0.55,
        },
        manage_ticks=False,
    )
    _set_extent(axes, of)
    axes.set(ylim=(-0.6, 0.6), yticks=[])


def _set_extent(axes: Axes, of: Mapping[str, float]) -> None:
    width = (of["q3"] - of["q1"]) or abs(of["median"]) or 1.0
    is_far = max(of["maximum"] - of["q3"], of["q1"] - of["minimum"]) > _FAR * width
    if is_far:
        axes.set_xscale("symlog", linthresh=max(abs(of["q3"]), abs(of["q1"]), width), linscale=1.5)
    room = 0.03 * ((of["maximum"] - of["minimum"]) or width)
    axes.set_xlim(of["minimum"] - (0 if is_far else room), of["maximum"] + room * (4 if is_far else 1))


def _label_x(axes: Axes, numbers: Numbers) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator  # noqa: PLC0415

    if axes.get_xscale() == "linear":
        axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.real(value)))


def _sentence(row: Mapping[str, Any], numbers: Numbers, *, is_duration: bool) -> str:
    """What the picture says, in numbers."""
    written = {key: numbers.duration(row[key]) if is_duration else numbers.real(row[key]) for key in _NUMBERS}
    share = numbers.share((row["below"] + row["above"]) / row["count"])
    beyond = [
        f"{numbers.whole(row[side])} {side} {written[bound]}"
        for side, bound in (("below", "lower_bound"), ("above", "upper_bound"))
        if row[side]
    ]
    usual = f"Half of the rows lie between {written['q1']} and {written['q3']}, around a median of {written['median']}."
    if not beyond:
        return f"{usual} No row lies beyond the bounds of 1.5 interquartile ranges."
    return f"{usual} Outliers: {' and '.join(beyond)} ({share}), beyond the box by more than 1.5 times its width."
