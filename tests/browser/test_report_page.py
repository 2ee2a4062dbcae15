"""The report as a browser shows it: on a phone and a desk, light and dark, with whatever is in the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.browser.axe import axe_source
from tests.browser.chromium import CHROMIUM, Page, open_page
from tests.unit.report import made

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine"),
]

PHONE, DESK = 360, 1280
VIEWS = [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with open_page() as opened:
        yield opened


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("ordinary")
    made.published(at)
    return at / "run" / "report.html"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("hostile")
    kinds = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202eevil", "x" * 10_000, "W" * 60]
    kinds += ["a\u0300" * 99]
    frame = made.events(400)
    names = pl.Series("event_type", [kinds[at % len(kinds)] for at in range(frame.height)])
    made.published(at, frame.with_columns(names))
    return at / "run" / "report.html"


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
@pytest.mark.parametrize("kind", ["ordinary", "hostile"])
def test_nothing_overflows_complains_or_asks_a_host(
    page: Page, request: pytest.FixtureRequest, kind: str, width: int, scheme: str
) -> None:
    report: Path = request.getfixturevalue(kind)
    page.show(report, width=width, scheme=scheme)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE) == []
    assert page.complaints == []
    assert page.requests == [report.as_uri(), "data:,"] or page.requests == [report.as_uri()]


# Elements that reach beyond the page's right edge, but for what scrolls in a box of its own.
OUTSIDE = """
[...document.querySelectorAll('main *')]
  .filter(one => !one.closest('.scroll') && !one.closest('svg') && one.getClientRects().length)
  .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map(one => one.className + ': ' + one.textContent.slice(0, 40))
"""

# Pairs of labels that touch, and labels that leave their picture, in every plot that is visible.
LABELS = """
[...document.querySelectorAll('.plot svg')].filter(svg => svg.getClientRects().length).flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  const labels = [...svg.querySelectorAll('text')].filter(one => one.textContent.trim())
    .map(one => ({text: one.textContent, box: one.getBoundingClientRect()}));
  const out = labels.filter(({box}) => box.left < frame.left - 2 || box.right > frame.right + 2
    || box.top < frame.top - 2 || box.bottom > frame.bottom + 2).map(one => 'outside: ' + one.text);
  const touching = labels.flatMap((one, at) => labels.slice(at + 1)
    .filter(two => one.box.left < two.box.right - 1 && two.box.left < one.box.right - 1
      && one.box.top < two.box.bottom - 3 && two.box.top < one.box.bottom - 3)
    .map(two => one.text + ' / ' + two.text));
  return [...out, ...touching];
})
"""


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("kind", ["ordinary", "hostile"])
def test_labels_of_plots_stay_inside_and_apart(
    page: Page, request: pytest.FixtureRequest, kind: str, width: int
) -> None:
    page.show(request.getfixturevalue(kind), width=width)
    assert page.evaluate(LABELS) == []


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_axe_finds_nothing_serious(
    page: Page, ordinary: Path, request: pytest.FixtureRequest, width: int, scheme: str
) -> None:
    axe = axe_source(request.config.cache.mkdir("axe"))
    if axe is None:
        pytest.skip("axe-core cannot be had from npm here")
    page.show(ordinary, width=width, scheme=scheme)
    page.evaluate(OPEN_ALL)
    page.evaluate(axe + "; undefined")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
    serious = [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == [], json.dumps(serious, indent=1)


def test_on_paper_folded_parts_are_open_and_links_of_the_page_are_gone(page: Page, ordinary: Path) -> None:
    page.show(ordinary, width=DESK, scheme="dark", media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('nav.contents')).display") == "none"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    heights = page.evaluate("[...document.querySelectorAll('details table, .samples')].map(one => one.offsetHeight)")
    assert heights
    assert min(heights) > 0
