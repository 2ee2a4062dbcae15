"""Axes drawn by hand: a text a tick and one set of lines, a fraction of what matplotlib's own ticks cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasks.report.figures.style import GRID, INK, SOFT
from tasks.report.numbers import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TICK, _TEXT_BELOW, _TITLE_BELOW = 3.5, 8.5, 24.0  # in CSS pixels below the axis


def steps(axes: Axes, values: Sequence[float], colour: str, fill: str, *, alpha: float = 1.0) -> None:
    """A filled stairway over 0, 1, 2 ... The limits stay: matplotlib's own `stairs` walks all edges to find them."""
    from matplotlib.patches import StepPatch  # noqa: PLC0415

    edges = range(len(values) + 1)
    axes.add_artist(StepPatch(values, edges, fill=True, facecolor=fill, edgecolor="none", alpha=alpha))
    axes.add_artist(StepPatch(values, edges, fill=False, edgecolor=colour, linewidth=1.2))


def label_y(axes: Axes, numbers: Numbers, most: int = 3) -> None:
    """A few round numbers on the left, a thin line at each; to be called when the limits are set."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    low, high = axes.get_ylim()
    found = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    ticks = [float(value) for value in found if low <= value <= high]
    label_y_at(axes, ticks, [tick_text(value, numbers) for value in ticks])


def label_y_at(axes: Axes, ticks: Sequence[float], labels: Sequence[str]) -> None:
    """Labels on the left, a thin line at each tick."""
    across = axes.get_yaxis_transform()
    axes.hlines(ticks, 0, 1, transform=across, colors=GRID, linewidth=0.8, zorder=0.5)
    left = -4 / axes.bbox.width
    for value, text in zip(ticks, labels, strict=True):
        axes.text(left, value, text, transform=across, ha="right", va="center_baseline", color=SOFT)


def label_x(axes: Axes, ticks: Sequence[float], labels: Sequence[str], title: str = "") -> None:
    """Labels below the axis, a small mark at each tick, and what they count."""
    along = axes.get_xaxis_transform()
    pixel = 1 / axes.bbox.height
    axes.hlines([0], 0, 1, transform=axes.transAxes, colors=SOFT, linewidth=0.8, clip_on=False)
    axes.vlines(ticks, -_TICK * pixel, 0, transform=along, colors=SOFT, linewidth=0.8, clip_on=False)
    for value, text in zip(ticks, labels, strict=True):
        if not text:
            continue
        axes.text(value, -_TEXT_BELOW * pixel, text, transform=along, ha="center", va="top", color=SOFT)
    if title:
        axes.text(0.5, -_TITLE_BELOW * pixel, title, transform=axes.transAxes, ha="center", va="top", color=SOFT)


def tick_text(value: float, numbers: Numbers) -> str:
    """A number beside an axis, where there is room for some seven characters."""
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if abs(value) >= size:
            return f"{numbers.real(value / size)} {sign}"
    return numbers.real(value)


def label_peak(axes: Axes, x: float, y: float, text: str, limits: tuple[float, float]) -> None:
    """The highest point with its number, on the side where there is room."""
    place = (x - limits[0]) / (limits[1] - limits[0])
    side = "left" if place < 0.3 else "right" if place > 0.7 else "center"
    lifted = y + 3 / axes.bbox.height * (axes.get_ylim()[1] - axes.get_ylim()[0])
    axes.text(x, lifted, text, ha=side, va="bottom", fontsize=10.5, color=INK)
