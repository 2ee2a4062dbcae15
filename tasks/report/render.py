"""Templates to text. Everything that is printed is escaped; a team's own templates come first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tasks.report.numbers import Numbers

if TYPE_CHECKING:
    from jinja2 import Environment

    from tasks.report.page import Page

TEMPLATES_DIR = Path(__file__).parent / "templates"


def render_page(page: Page, numbers: Numbers, templates_dir: Path | None = None) -> str:
    """The report as one HTML document."""
    from markupsafe import Markup  # noqa: PLC0415

    environment = _environment(templates_dir)
    style = Markup(environment.get_template("style.css").render())  # noqa: S704  (a template of the project or the team)
    return environment.get_template("report.html.j2").render(page=page, n=numbers, style=style)


def _environment(templates_dir: Path | None) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    folders = [TEMPLATES_DIR] if templates_dir is None else [templates_dir, TEMPLATES_DIR]
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
