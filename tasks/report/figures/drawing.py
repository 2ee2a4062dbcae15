"""What a plot is made of and made into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from tasks.artifacts import ArtifactStore
from tasks.models import Analysis
from tasks.report.figures.style import INK
from tasks.report.figures.svg import to_svg
from tasks.report.numbers import Numbers
from tasks.report.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure


class Drawing(NamedTuple):
    """One plot, drawn."""

    name: str
    section: str
    title: str
    alt: str
    how: str
    wide: str
    narrow: str | None = None


@dataclass(frozen=True)
class Source:
    """The tables a plot may read, and how it speaks."""

    analysis: Analysis
    store: ArtifactStore
    words: Words
    numbers: Numbers

    def scan(self, name: str) -> pl.LazyFrame | None:
        """A result table; None where this analysis has none."""
        ref = self.analysis.tables.get(name)
        return None if ref is None else pl.scan_parquet(self.store.path(ref))

    def read(self, name: str) -> pl.DataFrame | None:
        """A small result table; None where there is none, or it has no rows."""
        table = self.scan(name)
        frame = None if table is None else table.collect()
        return None if frame is None or frame.is_empty() else frame


def drawn(name: str, alt: str, draw: Callable[[int], MplFigure], width: int) -> str:
    """The SVG of what `draw` makes at a width in CSS pixels."""
    return to_svg(draw(width), f"{name}-{width}", alt)


def tick(value: float, numbers: Numbers) -> str:
    """A number beside an axis, where there is room for some seven characters."""
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if abs(value) >= size:
            return f"{numbers.real(value / size)} {sign}"
    return numbers.real(value)


def label_y(axes: Axes, numbers: Numbers, ticks: int = 3) -> None:
    """A few round numbers on the left, a thin line at each."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415

    axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value, numbers)))
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)


def label_peak(axes: Axes, x: float, y: float, text: str, limits: tuple[float, float]) -> None:
    """The highest point with its number, on the side where there is room."""
    place = (x - limits[0]) / (limits[1] - limits[0])
    side = "left" if place < 0.3 else "right" if place > 0.7 else "center"
    axes.annotate(
        text, (x, y), xytext=(0, 3), textcoords="offset points", ha=side, va="bottom", fontsize=10.5, color=INK
    )
