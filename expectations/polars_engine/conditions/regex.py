"""Regular expressions with Python's meaning, run by Polars (Rust) wherever that says the same."""

from __future__ import annotations

import re
from functools import lru_cache, reduce
from operator import or_

import polars as pl
from polars.exceptions import ComputeError

from expectations.polars_engine.conditions.distinct import by_distinct, each

_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")  # of the whole pattern
# A bracket right after the one that opens a class (or after its ^) is a plain character.
_SYMBOL = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


def contains(text: pl.Expr, pattern: str) -> pl.Expr:
    """Whether a text has a match of `pattern` anywhere, as `re.search` says.

    What Rust's engine has no word for (look-around, back-references) is left to Python, value by value.

    Raises:
        re.error: the pattern is not one.
    """
    compiled = re.compile(pattern)
    parts = [pattern] if compiled.flags & re.VERBOSE else taken_apart(pattern)
    rewritten = [rewrite(part, is_multiline=bool(compiled.flags & re.MULTILINE)) for part in parts]
    if all(is_supported(part) for part in rewritten):
        return by_distinct(text, lambda values: reduce(or_, (values.str.contains(part) for part in rewritten)))
    return each(text, lambda value: compiled.search(value) is not None)


@lru_cache(maxsize=1024)
def is_supported(pattern: str) -> bool:
    """Whether Rust's engine takes a pattern."""
    try:
        pl.select(pl.lit("").str.contains(pattern))
    except ComputeError:
        return False
    return True


def taken_apart(pattern: str) -> list[str]:
    """The alternatives that are tied to the start of a text, and the others: patterns of which one has to match.

    Rust's engine looks for the letters of a pattern before it walks through a text, but not where one alternative may
    only stand at the start: `^=|<script` takes four times as long as `^=` and `<script`.
    """
    shared = _FLAGS.match(pattern)
    flags = shared.group() if shared else ""
    alternatives = _alternatives(pattern.removeprefix(flags))
    tied = [one for one in alternatives if one.startswith(("^", r"\A"))]
    free = [one for one in alternatives if not one.startswith(("^", r"\A"))]
    return [flags + "|".join(some) for some in (tied, free) if some]


def rewrite(pattern: str, *, is_multiline: bool) -> str:
    r"""The same pattern in Rust's dialect: Python's `$` also stands before a last line break, its `\Z` is `\z`."""
    in_rust = {r"\Z": r"\z"} if is_multiline else {r"\Z": r"\z", "$": r"(?:\n?\z)"}
    return "".join(in_rust.get(symbol, symbol) for symbol in _symbols(pattern))


def _alternatives(pattern: str) -> list[str]:
    """What stands between the bars that are in no group."""
    found, depth = [""], 0
    for symbol in _symbols(pattern):
        depth += {"(": 1, ")": -1}.get(symbol, 0)
        if symbol == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += symbol
    return found


def _symbols(pattern: str) -> list[str]:
    """Escaped characters, classes in brackets, and all other characters one by one."""
    return _SYMBOL.findall(pattern)


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
