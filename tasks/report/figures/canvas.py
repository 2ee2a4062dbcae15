"""A sheet to draw on and panels with scales upon it, straight on matplotlib's SVG renderer.

Importing and building matplotlib's own figures and axes would cost more than all else in the report.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from tasks.report.figures.style import FONT, INK, TEXT

# From the point that is aligned down to the line the text stands on, in sizes of the text.
_DOWN = {"top": 0.76, "middle": 0.38, "base": 0.0, "bottom": -0.24}
Side = Literal["left", "center", "right"]
Point = tuple[float, float]
Limits = tuple[float, float]


class Canvas:
    """A sheet; a unit is a CSS pixel, counted from the left and from the top."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends import backend_svg  # noqa: PLC0415  (slow, for the report only)
        from matplotlib.transforms import Affine2D  # noqa: PLC0415

        self.width, self.height = width, height
        self._written = io.StringIO()
        module: Any = backend_svg  # without types
        self._renderer = module.RendererSVG(width, height, self._written)
        self._turned = Affine2D().scale(1, -1).translate(0, height)  # matplotlib counts from the bottom

    def line(self, points: Sequence[Point], colour: str, width: float, dashes: Sequence[float] | None = None) -> None:
        """A line through points."""
        pen = self._pen(colour, width)
        pen.set_capstyle("butt" if dashes else "round")
        pen.set_dashes(0, dashes)
        self._draw(pen, points, None)

    def area(self, points: Sequence[Point], fill: str, alpha: float = 1) -> None:
        """The inside of a line through points."""
        self._draw(self._pen(fill, 0), [*points, points[0]], fill, alpha)

    def box(
        self, corner: Point, opposite: Point, fill: str, alpha: float = 1, *, edge: float = 0, colour: str = ""
    ) -> None:
        """A rectangle, filled, with an edge of some width and another colour."""
        (x0, y0), (x1, y1) = corner, opposite
        self._draw(self._pen(colour or fill, edge), [(x0, y0), (x0, y1), (x1, y1), (x1, y0), (x0, y0)], fill, alpha)

    def dots(self, centres: Sequence[Point], radius: float, fill: str, alpha: float = 1) -> None:
        """Filled circles of one size; none for no centres."""
        from matplotlib.colors import to_rgba  # noqa: PLC0415
        from matplotlib.path import Path  # noqa: PLC0415
        from matplotlib.transforms import IdentityTransform  # noqa: PLC0415

        if centres:
            circle, same = Path.circle(radius=radius), IdentityTransform()
            pen, colour = self._pen(fill, 0), to_rgba(fill, alpha)
            self._renderer.draw_markers(pen, circle, same, Path(centres), self._turned, colour)

    def text(  # noqa: PLR0917  (what, then how, as usual)
        self, at: Point, text: str, colour: str = INK, side: Side = "left", place: str = "base", size: float = TEXT
    ) -> None:
        """One line of text.

        Args:
            at: the point it is aligned to.
            text: taken literally.
            colour: of its letters.
            side: whether its left, center or right is there.
            place: whether its top, middle, base or bottom is there.
            size: of its letters.
        """
        from matplotlib.font_manager import FontProperties  # noqa: PLC0415
        from matplotlib.text import Text  # noqa: PLC0415

        x, y = at[0], at[1] + _DOWN[place] * size
        font = FontProperties(family=FONT, size=size)
        # The renderer takes the side from its last argument, so that a browser aligns its own, other font.
        anchor = Text(x, self.height - y, horizontalalignment=side)
        self._renderer.draw_text(self._pen(colour, 0), x, y, text, font, 0, mtext=anchor)

    def finished(self) -> str:
        """All that was drawn, as an SVG document."""
        self._renderer.finalize()
        return self._written.getvalue()

    def _pen(self, colour: str, width: float) -> Any:
        pen = self._renderer.new_gc()
        pen.set_foreground(colour)
        pen.set_linewidth(width)
        return pen

    def _draw(self, pen: Any, points: Sequence[Point], fill: str | None, alpha: float = 1) -> None:
        from matplotlib.colors import to_rgba  # noqa: PLC0415
        from matplotlib.path import Path  # noqa: PLC0415

        self._renderer.draw_path(pen, Path(points), self._turned, to_rgba(fill, alpha) if fill else None)


class Panel(NamedTuple):
    """A place for data on a sheet: values become places on it."""

    canvas: Canvas
    left: float
    bottom: float
    right: float
    top: float
    x: Limits  # the values at the left and the right edge
    y: Limits  # those at the lower and the upper edge
    bend: Callable[[float], float] = float  # applied to x first, for a scale that is not even

    @property
    def width(self) -> float:
        """In CSS pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In CSS pixels."""
        return self.bottom - self.top

    def across(self, x: float) -> float:
        """How far from the left of the sheet a value stands."""
        low, high = (self.bend(end) for end in self.x)
        return self.left + (self.bend(x) - low) / (high - low) * self.width

    def down(self, y: float) -> float:
        """How far from the top of the sheet a value stands."""
        low, high = self.y
        return self.bottom - (y - low) / (high - low) * self.height

    def at(self, x: float, y: float) -> Point:
        """Where a pair of values stands."""
        return self.across(x), self.down(y)


def place(canvas: Canvas, left: float, bottom: float, right: float, top: float, *, x: Limits, y: Limits) -> Panel:
    """A panel with margins in CSS pixels, so that labels of known size always fit."""
    return Panel(canvas, left, canvas.height - bottom, canvas.width - right, top, x, y)
