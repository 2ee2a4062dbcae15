"""Regular expressions with Python's meaning, run by Polars (Rust) wherever that says the same."""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl
from polars.exceptions import ComputeError

from expectations.polars_engine.conditions.distinct import by_distinct, each


def contains(text: pl.Expr, pattern: str) -> pl.Expr:
    """Whether a text has a match of `pattern` anywhere, as `re.search` says.

    What Rust's engine has no word for (look-around, back-references) is left to Python, value by value.

    Raises:
        re.error: the pattern is not one.
    """
    compiled = re.compile(pattern)
    rewritten = rewrite(pattern, is_multiline=bool(compiled.flags & re.MULTILINE))
    if is_supported(rewritten):
        return by_distinct(text, lambda values: values.str.contains(rewritten))
    return each(text, lambda value: compiled.search(value) is not None)


@lru_cache(maxsize=1024)
def is_supported(pattern: str) -> bool:
    """Whether Rust's engine takes a pattern."""
    try:
        pl.select(pl.lit("").str.contains(pattern))
    except ComputeError:
        return False
    return True


def rewrite(pattern: str, *, is_multiline: bool) -> str:
    r"""The same pattern in Rust's dialect: Python's `$` also stands before a last line break, its `\Z` is `\z`."""
    parts: list[str] = []
    in_class = False
    position = 0
    while position < len(pattern):
        symbol = pattern[position : position + 2] if pattern[position] == "\\" else pattern[position]
        position += len(symbol)
        if in_class:
            in_class = symbol != "]"
        elif symbol == "[":
            in_class = True
            # A bracket right after the opening one (or after its ^) is a plain character.
            first = re.match(r"\^?\]?", pattern[position:])
            symbol += first.group() if first else ""
            position += len(symbol) - 1
        elif symbol == "$" and not is_multiline:
            symbol = r"(?:\n?\z)"
        elif symbol == r"\Z":
            symbol = r"\z"
        parts.append(symbol)
    return "".join(parts)


def like_pattern(pattern: str, escape: str | None = None) -> str:
    """An SQL LIKE pattern as a regular expression over the whole text."""
    parts: list[str] = []
    is_escaped = False
    for character in pattern:
        if is_escaped or character not in {"%", "_", escape}:
            parts.append(re.escape(character))
            is_escaped = False
        elif character == escape:
            is_escaped = True
        else:
            parts.append(".*" if character == "%" else ".")
    return rf"(?s)\A{''.join(parts)}\z"
