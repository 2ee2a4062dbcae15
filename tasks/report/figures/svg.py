"""A matplotlib figure as SVG that can stand inside the page: no date, no ids that clash, the page's colours."""

from __future__ import annotations

import html
import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from tasks.report.figures.style import VARIABLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MplFigure

_TAG = re.compile(r"<[^>]+>")
_GROUP_ID = re.compile(r'^<g id="[^"]*"')
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'url\(#([^)]+)\)|xlink:href="#([^"]+)"')
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_COLOUR = re.compile("|".join(VARIABLES))
_STYLE_SHEET = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)


def to_svg(figure: MplFigure, name: str, alt: str) -> str:
    """Draw a figure. Equal figures give equal text.

    Args:
        figure: made by `new_figure`.
        name: unique within the page; every id in the SVG begins with it.
        alt: what the picture shows, for those who do not see it.
    """
    body = _TAG.sub(lambda tag: _tidy(tag[0], name), _drawn(figure))
    body = re.sub(r">\s+<", "><", body)
    width, height = figure.get_figwidth() * 72, figure.get_figheight() * 72
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:g} {height:g}" '
        f'aria-label="{html.escape(alt)}">{body}</svg>\n'
    )


def _drawn(figure: MplFigure) -> str:
    """What matplotlib draws, without its frame: the inside of the `svg` element."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415

    buffer = io.StringIO()
    with warnings.catch_warnings():
        # Its font lacks many scripts; it is only measured with, the reader's own font is what is seen.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(buffer, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = buffer.getvalue()
    return _STYLE_SHEET.sub("", text[text.index("<defs>") : text.rindex("</svg>")], count=1)


def _tidy(tag: str, name: str) -> str:
    """One tag: ids made unique, numbers short, colours by name. Text between tags comes from data and is left alone."""
    tag = _GROUP_ID.sub("<g", tag)
    tag = _ID.sub(rf'id="{name}-\1"', tag)
    tag = _REFERENCE.sub(lambda found: _renamed(found, name), tag)
    tag = _NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), tag)
    tag = _COLOUR.sub(lambda found: f"var({VARIABLES[found[0]]}, {found[0]})", tag)
    return re.sub(r"\s+", " ", tag)


def _renamed(found: re.Match[str], name: str) -> str:
    return f"url(#{name}-{found[1]})" if found[1] else f'href="#{name}-{found[2]}"'
