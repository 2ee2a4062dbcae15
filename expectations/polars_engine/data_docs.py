"""Data Docs that need no network: Great Expectations' pages with a stylesheet and a script that lie beside them."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from typing import Any

from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from jinja2 import FileSystemBytecodeCache, pass_context

_ASSETS_DIR = Path(__file__).parent / "assets"
_STATIC = "static"
_KEPT_IMAGES = ("favicon.ico", "logo-long.png")
_REMOTE_LINK = re.compile(r"""<link\b[^>]*href="https?://[^"]*"[^>]*>""")
_REMOTE_SCRIPT = re.compile(r"""<script\b[^>]*src="https?://[^"]*"[^>]*>\s*</script>""")
_REMOTE_LOGO = re.compile(r"""src="https?://[^"]*/(logo-long\.png)[^"]*\"""")
_REMOTE_STYLE = re.compile(r"""url\(\s*['"]?https?://[^)]*\)""")
_ICON = re.compile(r"""<link rel="shortcut icon" href="[^"]*\"""")


class _CompiledBefore(DefaultJinjaPageView):
    """A page whose templates are compiled once on a machine: it costs as much as all else here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.env.bytecode_cache = FileSystemBytecodeCache(pattern="__sluice_data_docs_%s.cache")


class IndexPageView(_CompiledBefore, DefaultJinjaIndexPageView):
    """Great Expectations' start page of a site."""


class EscapingPageView(_CompiledBefore):
    """Great Expectations' page, with the values that it puts into table cells as they are made harmless.

    What it says itself comes in templates, and it escapes their parameters; a plain text is always from the data.
    """

    @pass_context
    def render_content_block(self, jinja_context: Any, content_block: Any, *args: Any, **kwargs: Any) -> Any:
        """One piece of a page as HTML."""
        if isinstance(content_block, str):
            return html.escape(content_block)
        if isinstance(content_block, list) and not any(isinstance(part, dict) for part in content_block):
            # The values of several columns; theirs would stand one after the other with nothing between them.
            return html.escape(", ".join(map(str, content_block)))
        if isinstance(content_block, list):
            content_block = [html.escape(part) if isinstance(part, str) else part for part in content_block]
        return super().render_content_block(jinja_context, content_block, *args, **kwargs)


def site_config(folder: Path) -> dict[str, Any]:
    """A Data Docs site in a folder, as Great Expectations is told about one."""
    view = {"module_name": __name__, "class_name": EscapingPageView.__name__}
    index_view = {"module_name": __name__, "class_name": IndexPageView.__name__}
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.absolute())},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": index_view},
        "site_section_builders": {name: {"view": view} for name in ("expectations", "validations", "profiling")},
    }


def make_local(folder: Path) -> Path:
    """Make the pages of a site load nothing from another host, and drop the 4 MB of pictures they do not show.

    Returns:
        The start page.
    """
    _replace_static(folder / _STATIC)
    for page in folder.rglob("*.html"):
        up = "../" * (len(page.relative_to(folder).parts) - 1)
        page.write_text(localise(page.read_text(encoding="utf-8"), f"{up}{_STATIC}"), encoding="utf-8")
    return folder / "index.html"


def localise(page: str, static: str) -> str:
    """One page with its remote stylesheets, scripts and pictures replaced by those in the folder `static`."""
    without_remote = _REMOTE_STYLE.sub("none", _REMOTE_SCRIPT.sub("", _REMOTE_LINK.sub("", page)))
    with_logo = _REMOTE_LOGO.sub(rf'src="{static}/\1"', without_remote)
    with_icon = _ICON.sub(f'<link rel="shortcut icon" href="{static}/favicon.ico"', with_logo)
    ours = f'<link rel="stylesheet" href="{static}/data_docs.css">\n<script src="{static}/data_docs.js"></script>\n'
    return with_icon.replace("</head>", f"{ours}</head>", 1)


def _replace_static(folder: Path) -> None:
    pictures = {name: path.read_bytes() for name in _KEPT_IMAGES if (path := folder / "images" / name).is_file()}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in pictures.items():
        (folder / name).write_bytes(content)
    for asset in _ASSETS_DIR.iterdir():
        shutil.copyfile(asset, folder / asset.name)
