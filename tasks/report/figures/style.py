"""One look for all plots: colours a colour-blind reader can tell apart, thin axes, text in the page's own size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

# The light theme's colours. The page gives each of them a name, so that the dark theme and print can change them.
INK, SOFT, GRID, PAPER = "#3d4650", "#6a747f", "#e4e7eb", "#fefefe"
BLUE, ORANGE, GREEN, PURPLE, TINT = "#2b6ca8", "#c9501c", "#0b7d5c", "#84639f", "#b9d3ea"
VARIABLES = {
    INK: "--plot-ink", SOFT: "--plot-soft", GRID: "--plot-grid", PAPER: "--plot-paper",
    BLUE: "--plot-1", ORANGE: "--plot-2", GREEN: "--plot-3", PURPLE: "--plot-4", TINT: "--plot-tint",
}  # fmt: skip

# Widths in CSS pixels: half a page (also readable on a phone), a whole page, and a phone.
HALF, FULL, PHONE = 430, 900, 343
_PHONE_TEXT = 13.5  # as in style.css
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sluice",
    "font.family": "DejaVu Sans",  # what widths are measured with; the page's own font is narrower
    "font.size": 11.5,
    "text.color": INK,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a dollar sign in the data is a dollar sign
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "path.simplify": True,
    "figure.dpi": 72,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@contextmanager
def plot_style() -> Iterator[None]:
    """Matplotlib with this look, whatever the user's own settings are."""
    import matplotlib as mpl  # noqa: PLC0415  (half a CPU second, for the report only)

    with mpl.rc_context():
        # Without the check of every default, which takes longer than a plot.
        settings: Any = mpl.rcParams
        dict.update(settings, {name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"})
        settings.update(_SETTINGS)
        yield


def new_figure(width: int, height: int) -> MplFigure:
    """An empty figure; a unit is a CSS pixel."""
    from matplotlib.figure import Figure as MplFigure  # noqa: PLC0415

    return MplFigure(figsize=(width / 72, height / 72), dpi=72)


def add_axes(figure: MplFigure, left: float, bottom: float, right: float, top: float) -> Axes:
    """A place to draw, with margins in CSS pixels, so that labels of known size always fit; nothing is drawn yet."""
    width, height = figure.get_figwidth() * 72, figure.get_figheight() * 72
    box = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    axes: Axes = figure.add_axes(box)
    axes.set_axis_off()  # axes.py draws what is needed
    return axes


def text_width(text: str) -> float:
    """How wide a label can become, in CSS pixels of a half-page plot: on phones its text is larger."""
    from matplotlib.textpath import TextPath  # noqa: PLC0415

    return float(TextPath((0, 0), text, size=_PHONE_TEXT).get_extents().width) if text.strip() else 0.0


def fitted(text: str, width: float) -> str:
    """The text, or as much of its beginning as fits into a width, with a mark."""
    if text_width(text) <= width:
        return text
    shorter = text
    while shorter and text_width(f"{shorter}…") > width:
        shorter = shorter[: max(0, min(len(shorter) - 1, int(len(shorter) * 0.9)))]
    return f"{shorter}…"
