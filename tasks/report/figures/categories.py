"""Plots of categories: how many rows each has, and how much value."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from tasks.report.figures.canvas import Canvas
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, GREEN, HALF, INK, SOFT, TINT, fitted, text_width
from tasks.report.text import legible

_MOST, _ROW_HEIGHT, _NAME_CHARACTERS, _GAP = 10, 36, 60, 16
_LEFT, _TEXT_DOWN = 1, 19  # of the sheet and of each row, in CSS pixels


class Bar(NamedTuple):
    """One category, or the rest of them."""

    name: str
    amount: float
    label: str
    is_rest: bool = False


def category_plots(source: Source) -> list[Drawing]:
    """Rows by category, and value by category where there is one."""
    table = source.read("event_distribution")
    if table is None:
        return []
    words, numbers = source.words, source.numbers
    total = int(table["count"].sum())
    bars = [
        bar._replace(label=f"{numbers.whole(bar.amount)}  ·  {numbers.share(bar.amount / total)}")
        for bar in _bars(table, "count")
    ]
    drawings = [_drawing("categories", f"Rows by {words.category}", bars, "All accepted rows that have one.", BLUE)]
    valuable = table.filter(pl.col("total_value") != 0)
    if valuable.height > 1 and (valuable["total_value"] > 0).all():
        valued = [bar._replace(label=numbers.real(bar.amount)) for bar in _bars(valuable, "total_value")]
        title = f"Total {words.value_with_unit} by {words.category}"
        drawings.append(_drawing("category_value", title, valued, "Sum over all accepted rows that have one.", GREEN))
    return drawings


def _bars(table: pl.DataFrame, column: str) -> list[Bar]:
    """The largest categories, then one bar for all others."""
    ordered = table.select("category", pl.col(column).fill_null(0)).sort([column, "category"], descending=[True, False])
    first = ordered.head(_MOST)
    bars = [Bar(legible(name[:_NAME_CHARACTERS]), float(amount), "") for name, amount in first.iter_rows()]
    rest = ordered.slice(first.height)
    if rest.height:
        bars.append(Bar(f"{rest.height:,} others", float(rest[column].sum()), "", is_rest=True))
    return bars


def _drawing(name: str, title: str, bars: list[Bar], how: str, colour: str) -> Drawing:
    alt = f"{title}: " + ", ".join(f"{bar.name} {bar.label}" for bar in bars[:5])

    def draw(width: int) -> Canvas:
        height = len(bars) * _ROW_HEIGHT + 4
        canvas = Canvas(width, height)
        most = max(bar.amount for bar in bars) or 1
        right = width - _LEFT
        for at, bar in enumerate(bars):
            base = at * _ROW_HEIGHT + _TEXT_DOWN
            top, bottom = base + 5, base + 11
            canvas.box((_LEFT, top), (right, bottom), TINT, 0.25)
            end = _LEFT + bar.amount / most * (right - _LEFT)
            canvas.box((_LEFT, top), (end, bottom), SOFT if bar.is_rest else colour)
            name = fitted(bar.name, width - text_width(bar.label) - _GAP)
            canvas.text((_LEFT, base), name, SOFT if bar.is_rest else INK)
            canvas.text((right, base), bar.label, side="right")
        return canvas

    return Drawing(name, "categories", title, alt, how, drawn(name, alt, draw, HALF))
