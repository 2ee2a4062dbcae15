"""Plots of entities (users, aircraft ...): how unevenly the rows are spread over them."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from tasks.report.figures.axes import bars, label_x, label_y, label_y_at
from tasks.report.figures.canvas import Canvas, place
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, CURVE_WIDTH, HALF, ORANGE, SMALL, SOFT
from tasks.report.numbers import Numbers
from tasks.report.words import counted

_CURVE_POINTS = 200
_TOP_SHARE = 0.1  # printed as 10 %
_CLEAR_OF_THE_DIAGONAL = 0.36  # a share this high leaves room for its number below the curve


def entity_plots(source: Source) -> list[Drawing]:
    """Rows of each entity, and what share of all rows the busiest have."""
    table = source.scan("session_metrics")
    if table is None:
        return []
    frequencies = table.group_by("sessions").agg(pl.len().alias("entities")).sort("sessions").collect()
    if frequencies.is_empty():
        return []
    drawings = [_histogram(source, frequencies)]
    if frequencies["entities"].sum() >= 1 / _TOP_SHARE:
        drawings.append(_concentration(source, frequencies))
    return drawings


def _histogram(source: Source, frequencies: pl.DataFrame) -> Drawing:
    """How many entities have one row, two rows, three to five ..."""
    words, numbers = source.words, source.numbers
    counts, labels = _binned(frequencies, numbers)
    everyone = int(frequencies["entities"].sum())
    rows = int((frequencies["entities"] * frequencies["sessions"]).sum())
    once = int(frequencies.filter(pl.col("sessions") == 1)["entities"].sum())
    how = (
        f"{counted(everyone, words.entity, numbers.whole(everyone))}, {numbers.real(rows / everyone)} rows each on "
        f"average; {numbers.whole(once)} ({numbers.share(once / everyone)}) with one row."
    )

    def draw(width: int) -> Canvas:
        canvas = Canvas(width, 228)
        panel = place(canvas, 46, 40, 8, 10, x=(-0.6, len(counts) - 0.4), y=(0, max(counts) * 1.1))
        label_y(panel, numbers)
        bars(panel, counts, 0.78)
        label_x(panel, range(len(counts)), labels, f"rows a {words.entity}, up to")
        return canvas

    title = f"Rows a {words.entity}"
    return Drawing("entity_rows", "entities", title, how, how, drawn("entity_rows", f"{title}. {how}", draw, HALF))


def _binned(frequencies: pl.DataFrame, numbers: Numbers) -> tuple[list[int], list[str]]:
    """Counts of 1, 2, 3 to 5, 6 to 10, 11 to 20 ... up to the most there is: a few have very many."""
    most = int(frequencies["sessions"][-1])
    ends = [1, 2]
    while ends[-1] < most:
        ends.append(ends[-1] * 5 // 2 if str(ends[-1])[0] == "2" else ends[-1] * 2)
    starts = [1, *(end + 1 for end in ends[:-1])]
    counts = [
        int(frequencies.filter(pl.col("sessions").is_between(start, end))["entities"].sum())
        for start, end in zip(starts, ends, strict=True)
    ]
    labels = [numbers.whole(end).replace(f"{numbers.group}000", "k") for end in ends]
    return counts, labels


def _concentration(source: Source, frequencies: pl.DataFrame) -> Drawing:
    """The share of rows that the busiest entities have, as a curve."""
    words, numbers = source.words, source.numbers
    ordered = frequencies.sort("sessions", descending=True)
    people = ordered["entities"].cum_sum() / ordered["entities"].sum()
    rows = (ordered["entities"] * ordered["sessions"]).cum_sum() / (ordered["entities"] * ordered["sessions"]).sum()
    curve = [(0.0, 0.0), *zip(people.to_list(), rows.to_list(), strict=True)]
    grid = [at / _CURVE_POINTS for at in range(_CURVE_POINTS + 1)]
    heights = [_height(curve, x) for x in grid]
    top = _height(curve, _TOP_SHARE)
    how = f"The busiest 10 % of {words.entities} have {numbers.share(top)} of the rows."

    def draw(width: int) -> Canvas:
        canvas = Canvas(width, 228)
        panel = place(canvas, 46, 40, 20, 10, x=(0, 1), y=(0, 1.02))
        label_y_at(panel, [0.5, 1], ["50 %", "100 %"])
        canvas.line([panel.at(0, 0), panel.at(1, 1)], SOFT, 0.8, dashes=(2.4, 2.4))
        canvas.text(panel.at(0.6, 0.565), "if all had the same", SOFT, place="top", size=SMALL)
        canvas.line([panel.at(x, y) for x, y in zip(grid, heights, strict=True)], BLUE, CURVE_WIDTH)
        canvas.dots([panel.at(_TOP_SHARE, top)], 2.5, ORANGE)
        if top > _CLEAR_OF_THE_DIAGONAL:
            canvas.text(panel.at(_TOP_SHARE + 0.025, top - 0.03), numbers.share(top), place="top")
        else:
            canvas.text(panel.at(_TOP_SHARE, top + 0.08), numbers.share(top), side="center", place="bottom")
        quarters = ["0 %", "25 %", "50 %", "75 %", "100 %"]
        label_x(panel, [0, 0.25, 0.5, 0.75, 1], quarters, f"{words.entities}, busiest first")
        return canvas

    title = f"Share of all rows that the busiest {words.entities} have"
    return Drawing("concentration", "entities", title, how, how, drawn("concentration", how, draw, HALF))


def _height(curve: list[tuple[float, float]], x: float) -> float:
    """The curve at x, on the straight line between its points."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / ((x1 - x0) or 1)
    return 1.0
