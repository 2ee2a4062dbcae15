"""Regular expressions mean on Polars what they mean in Python."""

from __future__ import annotations

import re

import polars as pl
import pytest

from expectations.polars_engine.conditions.regex import contains, taken_apart

TEXTS = ["", "a", "ab", "xa", "b", "B", "|x", "y", "xy", "=1", "a<script", "b=1", "ac", "bc", "a\nb", "b\n", "]", "a]"]
PATTERNS = [
    r"^[=+@-]|<script",
    r"(?i)^a|<SCRIPT|b\Z",
    r"[|]x|^y",
    r"[]|a]\Z|^=",
    r"\||^x",
    r"(^a|b)c|^\]",
    r"(?:^a|x)|y$",
    r"\Aa|(?P<one>b)",
    r"(?m)^b|=$",
    r"(?x) ^a  # not | this (",
    r"^a(?!b)|<script",
    r"(b)=|^(a)\2b",
    r"^b|",
    "",
    r"^",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_finds_what_python_finds(pattern: str) -> None:
    frame = pl.DataFrame({"text": [*TEXTS, None] * 50})
    found = frame.select(contains(pl.col("text"), pattern)).to_series().to_list()
    assert found == [*(re.search(pattern, text) is not None for text in TEXTS), None] * 50


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        (r"^[=+@-]|<script", [r"^[=+@-]", "<script"]),
        (r"(?i)x|^a|y|\Ab", [r"(?i)^a|\Ab", "(?i)x|y"]),
        ("a|b", ["a|b"]),
        ("(^a|b)", ["(^a|b)"]),
    ],
)
def test_what_is_tied_to_the_start_is_looked_for_by_itself(pattern: str, parts: list[str]) -> None:
    assert taken_apart(pattern) == parts
