"""One look for all plots: colours a colour-blind reader can tell apart, thin axes, text in the page's own size."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# The light theme's colours. The page gives each of them a name, so that the dark theme and print can change them.
INK, SOFT, GRID, PAPER = "#3d4650", "#6a747f", "#e4e7eb", "#fefefe"
BLUE, ORANGE, GREEN, PURPLE, TINT = "#2b6ca8", "#c9501c", "#0b7d5c", "#84639f", "#b9d3ea"
VARIABLES = {
    INK: "--plot-ink", SOFT: "--plot-soft", GRID: "--plot-grid", PAPER: "--plot-paper",
    BLUE: "--plot-1", ORANGE: "--plot-2", GREEN: "--plot-3", PURPLE: "--plot-4", TINT: "--plot-tint",
}  # fmt: skip

# Widths in CSS pixels: half a page (also readable on a phone), a whole page, and a phone.
HALF, FULL, PHONE = 430, 900, 343
FONT = "DejaVu Sans"  # what widths are measured with; the page's own font is narrower
TEXT, SMALL = 11.5, 10.5
CURVE_WIDTH = 1.8  # how wide the line of a curve is
_PHONE_TEXT = 13.5  # as in style.css
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sluice",
    "svg.id": None,
    "path.simplify": True,
    "path.snap": True,
    "path.sketch": None,
}


@contextmanager
def plot_style() -> Iterator[None]:
    """Matplotlib with these settings, whatever the user's own are."""
    import matplotlib as mpl  # noqa: PLC0415  (slow, for the report only)

    with mpl.rc_context(_SETTINGS):
        yield


def text_width(text: str) -> float:
    """How wide a label can become, in CSS pixels of a half-page plot: on phones its text is larger."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415
    from matplotlib.textpath import text_to_path  # noqa: PLC0415

    font = FontProperties(family=FONT, size=_PHONE_TEXT)
    with warnings.catch_warnings():
        # The font lacks many scripts; it is only measured with, the reader's own font is what is seen.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width)


def fitted(text: str, width: float) -> str:
    """The text, or as much of its beginning as fits into a width, with a mark."""
    if text_width(text) <= width:
        return text
    shorter = text
    while shorter and text_width(f"{shorter}…") > width:
        shorter = shorter[: max(0, min(len(shorter) - 1, int(len(shorter) * 0.9)))]
    return f"{shorter}…"
