"""What the pages point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "expectations").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
_MODULE = re.compile(r"`([\w/]+\.py)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    wrong = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert not wrong


def test_the_tour_passes_modules_that_are_there() -> None:
    for line in (ROOT / "docs" / "tour.md").read_text(encoding="utf-8").splitlines():
        folder = ROOT
        for module in _MODULE.findall(line):
            path = ROOT / module if "/" in module else folder / module
            assert path.is_file(), module
            folder = path.parent
