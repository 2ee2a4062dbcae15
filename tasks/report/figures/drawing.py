"""What a plot is made of and made into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from tasks.artifacts import ArtifactStore
from tasks.models import Analysis
from tasks.report.figures.canvas import Canvas
from tasks.report.figures.svg import to_svg
from tasks.report.numbers import Numbers
from tasks.report.words import Words


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
    columns: tuple[str, ...]  # of the contract

    def scan(self, name: str) -> pl.LazyFrame | None:
        """A result table; None where this analysis has none."""
        ref = self.analysis.tables.get(name)
        return None if ref is None else pl.scan_parquet(self.store.path(ref))

    def read(self, name: str) -> pl.DataFrame | None:
        """A small result table; None where there is none, or it has no rows."""
        table = self.scan(name)
        frame = None if table is None else table.collect()
        return None if frame is None or frame.is_empty() else frame


def drawn(name: str, alt: str, draw: Callable[[int], Canvas], width: int) -> str:
    """The SVG of what `draw` makes at a width in CSS pixels."""
    return to_svg(draw(width), f"{name}-{width}", alt)
