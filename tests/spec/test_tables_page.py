"""docs/tables.md says what the tests say."""

from __future__ import annotations

from tasks.analyze.schemas import TABLES
from tests.spec.tables_page import PAGE, page, specified


def test_every_table_is_specified() -> None:
    assert set(TABLES) <= set(specified())


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.spec.tables_page`"
