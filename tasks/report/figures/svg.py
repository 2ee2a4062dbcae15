"""A canvas as SVG that can stand inside the page: no date, no ids that clash, the page's colours."""

from __future__ import annotations

import html
import re

from tasks.report.figures.canvas import Canvas
from tasks.report.figures.style import VARIABLES

_TAG = re.compile(r"<[^>]+>")
_GROUP_ID = re.compile(r'^<g id="[^"]*"')
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'url\(#([^)]+)\)|xlink:href="#([^"]+)"')
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_COLOUR = re.compile("|".join(VARIABLES))
_STYLE_SHEET = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)


def to_svg(canvas: Canvas, name: str, alt: str) -> str:
    """What was drawn, finished. Equal drawings give equal text.

    Args:
        canvas: with everything on it.
        name: unique within the page; every id in the SVG begins with it.
        alt: what the picture shows, for those who do not see it.
    """
    body = _TAG.sub(lambda tag: _tidy(tag[0], name), _inside(canvas.finished()))
    body = re.sub(r">\s+<", "><", body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {canvas.width:g} {canvas.height:g}" '
        f'aria-label="{html.escape(alt)}">{body}</svg>\n'
    )


def _inside(document: str) -> str:
    """What stands in the `svg` element, without matplotlib's style sheet."""
    return _STYLE_SHEET.sub("", document[document.index("<defs>") : document.rindex("</svg>")], count=1)


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
