"""New and returning entities a day."""

from __future__ import annotations

import polars as pl

from tasks.report.figures.axes import label_x, label_y, steps
from tasks.report.figures.canvas import Canvas, place
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, HALF, INK, ORANGE, SMALL, TINT

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

    def draw(width: int) -> Canvas:
        canvas = Canvas(width, 224)
        panel = place(canvas, 46, 26, 20, 18, x=(0, len(new)), y=(0, max(everyone) * 1.1))
        label_y(panel, numbers)
        steps(panel, everyone, BLUE, TINT)
        steps(panel, new, ORANGE, ORANGE, alpha=0.35)
        ticks = list(range(0, days.height, every))
        label_x(panel, [at + 0.5 for at in ticks], [numbers.day_and_month(days["day"][at]) for at in ticks])
        above = panel.top - 3
        canvas.text((panel.left, above), "new", ORANGE, "left", "bottom", SMALL)
        canvas.text((panel.right, above), f"all {words.entities}", INK, "right", "bottom", SMALL)
        return canvas

    title = f"New and returning {words.entities}"
    return [Drawing("newcomers", "entities", title, f"{title}. {how}", how, drawn("newcomers", how, draw, HALF))]
