"""New and returning entities a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.report.figures.axes import label_x, label_y, steps
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, HALF, INK, ORANGE, TINT, add_axes, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MplFigure

_LEAST_DAYS, _LABELS = 3, 4


def newcomers_plot(source: Source) -> list[Drawing]:
    """Different entities a day with rows, and how many of them are seen for the first time."""
    table = source.read("new_and_returning")
    if table is None or table.height < _LEAST_DAYS:
        return []
    days = table.sort("day")
    words, numbers = source.words, source.numbers
    everyone, new = days["entities"].to_list(), days["new"].to_list()
    late = int(days.filter(pl.col("day") > days["day"][0])["new"].sum())
    how = (
        f"Different {words.entities} of each day with rows; the lower steps are those not seen before in this batch. "
        f"{numbers.whole(late)} of {numbers.whole(sum(new))} came after the first day."
    )
    every = max(1, -(-days.height // _LABELS))

    def draw(width: int) -> MplFigure:
        figure = new_figure(width, 224)
        axes = add_axes(figure, 46, 26, 20, 18)
        axes.set(xlim=(0, len(new)), ylim=(0, max(everyone) * 1.1))
        steps(axes, everyone, BLUE, TINT)
        steps(axes, new, ORANGE, ORANGE, alpha=0.35)
        label_y(axes, numbers)
        ticks = list(range(0, days.height, every))
        label_x(axes, [at + 0.5 for at in ticks], [numbers.day_and_month(days["day"][at]) for at in ticks])
        for text, colour, side, x in (("new", ORANGE, "left", 0.0), (f"all {words.entities}", INK, "right", 1.0)):
            axes.text(x, 1.02, text, transform=axes.transAxes, color=colour, ha=side, va="bottom", fontsize=10.5)
        return figure

    title = f"New and returning {words.entities}"
    return [Drawing("newcomers", "entities", title, f"{title}. {how}", how, drawn("newcomers", how, draw, HALF))]
