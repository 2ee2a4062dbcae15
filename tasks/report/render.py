"""Templates to text. Everything that is printed is escaped; a team's own templates come first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.report.numbers import Numbers

if TYPE_CHECKING:
    from jinja2 import Environment

    from tasks.report.index import IndexPage
    from tasks.report.page import Page

TEMPLATES_DIR = Path(__file__).parent / "templates"
# What means something in Markdown, in the text or at the beginning of a line, or in the HTML that Markdown may hold.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+|!~&-])")
_BARE_LINK = re.compile(r"(?i)\b(https?|ftp|www)(?=[:.])")


def render_page(page: Page, numbers: Numbers, templates_dir: Path | None = None) -> str:
    """The report as one HTML document."""
    return _html("report.html.j2", templates_dir, page=page, n=numbers)


def render_index(page: IndexPage, numbers: Numbers, templates_dir: Path | None = None) -> str:
    """The page over all runs as one HTML document."""
    return _html("index.html.j2", templates_dir, page=page, n=numbers)


def render_markdown(page: Page, numbers: Numbers, templates_dir: Path | None = None) -> str:
    """The report in short, as Markdown for a mail, a pull request or an artifact."""
    environment = _environment(templates_dir, autoescape=False, finalize=markdown_text)
    text = environment.get_template("report.md.j2").render(page=page, n=numbers)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def markdown_text(value: Any) -> str:
    """A value as Markdown prints it literally, on one line."""
    from markupsafe import Markup  # noqa: PLC0415

    if isinstance(value, Markup):
        return str(value)
    text = _MARKDOWN.sub(r"\\\1", " ".join(str(value).split()))
    return _BARE_LINK.sub("\\1\u200b", text)


def _html(name: str, templates_dir: Path | None, **shown: Any) -> str:
    from markupsafe import Markup  # noqa: PLC0415

    environment = _environment(templates_dir, autoescape=True)
    style = Markup(environment.get_template("style.css").render())  # noqa: S704  (a template of the project or the team)
    return environment.get_template(name).render(style=style, **shown)


def _environment(templates_dir: Path | None, *, autoescape: bool, **options: Any) -> Environment:
    from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    folders = [TEMPLATES_DIR] if templates_dir is None else [templates_dir, TEMPLATES_DIR]
    # Compiling the templates costs as much as all else here. What escapes and what does not is compiled apart.
    compiled = FileSystemBytecodeCache(pattern=f"__sluice_{'html' if autoescape else 'text'}_%s.cache")
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=autoescape,  # noqa: S701  (HTML is escaped, see _html)
        bytecode_cache=compiled,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
