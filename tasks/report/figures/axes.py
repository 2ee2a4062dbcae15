"""What stands around and in a panel: lines with a number each, stairways, bars."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.report.figures.canvas import Panel, Side
from tasks.report.figures.style import BLUE, GRID, INK, SMALL, SOFT, TINT
from tasks.report.numbers import Numbers

_TICK, _TEXT_BELOW, _TITLE_BELOW = 3.5, 8.5, 24.0  # in CSS pixels below the axis
_THIN, _EDGE, _BAR_EDGE = 0.8, 1.2, 1.4


def steps(panel: Panel, values: Sequence[float], colour: str, fill: str, *, alpha: float = 1.0) -> None:
    """A filled stairway over 0, 1, 2 ..."""
    heights = [panel.down(value) for value in values]
    edges = [panel.across(at) for at in range(len(values) + 1)]
    stairs = [(edges[at + side], height) for at, height in enumerate(heights) for side in (0, 1)]
    outline = [(edges[0], panel.down(0)), *stairs, (edges[-1], panel.down(0))]
    panel.canvas.area(outline, fill, alpha)
    panel.canvas.line(outline, colour, _EDGE)


def bars(panel: Panel, values: Sequence[float], width: float) -> None:
    """An upright bar around each of 0, 1, 2 ..."""
    for at, value in enumerate(values):
        ends = panel.at(at - width / 2, 0), panel.at(at + width / 2, value)
        panel.canvas.box(*ends, TINT, edge=_BAR_EDGE, colour=BLUE)


def label_y(panel: Panel, numbers: Numbers, most: int = 3) -> None:
    """A few round numbers on the left, a thin line at each; to be called before the data is drawn over it."""
    ticks = round_numbers(panel.y, most)
    label_y_at(panel, ticks, [tick_text(value, numbers) for value in ticks])


def round_numbers(limits: tuple[float, float], most: int) -> list[float]:
    """Round numbers at even distances within limits, about as many as asked for."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    found = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], integer=limits[1] - limits[0] > 1).tick_values(*limits)
    return [float(value) for value in found if limits[0] <= value <= limits[1]]


def label_y_at(panel: Panel, ticks: Sequence[float], labels: Sequence[str]) -> None:
    """Labels on the left, a thin line at each tick."""
    for value, text in zip(ticks, labels, strict=True):
        y = panel.down(value)
        panel.canvas.line([(panel.left, y), (panel.right, y)], GRID, _THIN)
        panel.canvas.text((panel.left - 4, y), text, SOFT, "right", "middle")


def label_x(panel: Panel, ticks: Sequence[float], labels: Sequence[str], title: str = "") -> None:
    """Labels below the axis, a small mark at each tick, and what they count."""
    below = panel.bottom
    panel.canvas.line([(panel.left, below), (panel.right, below)], SOFT, _THIN)
    for value, text in zip(ticks, labels, strict=True):
        x = panel.across(value)
        panel.canvas.line([(x, below), (x, below + _TICK)], SOFT, _THIN)
        if text:
            panel.canvas.text((x, below + _TEXT_BELOW), text, SOFT, "center", "top")
    if title:
        middle = (panel.left + panel.right) / 2
        panel.canvas.text((middle, below + _TITLE_BELOW), title, SOFT, "center", "top")


def tick_text(value: float, numbers: Numbers) -> str:
    """A number beside an axis, where there is room for some seven characters."""
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if abs(value) >= size:
            return f"{numbers.real(value / size)} {sign}"
    return numbers.real(value)


def label_peak(panel: Panel, x: float, y: float, text: str) -> None:
    """The highest point with its number, on the side where there is room."""
    across, down = panel.at(x, y)
    part = (across - panel.left) / panel.width
    side: Side = "left" if part < 0.3 else "right" if part > 0.7 else "center"
    panel.canvas.text((across, down - 3), text, INK, side, "bottom", SMALL)
