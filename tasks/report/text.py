"""Text from data made fit for people to read: nothing hidden, nothing that turns the page around, nothing endless."""

from __future__ import annotations

import re

MAX_CELL_CHARACTERS = 160

_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡"}
# Format characters that reorder, join or hide their neighbours; a soft hyphen is invisible as well.
_UNSEEN = re.compile(
    "[\u0080-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
# More than two marks on one letter climb over the lines above it.
_PILED_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def legible(text: str) -> str:
    """The text with every character that cannot be seen made visible.

    Control characters become their pictures (a tab is ␉), characters that hide or reorder their neighbours their code
    point (⟨U+202E⟩), and marks piled on one letter are cut to two.
    """
    seen = _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.translate(_CONTROL_PICTURES))
    return _PILED_MARKS.sub(r"\1", seen)


def cut(text: str, limit: int = MAX_CELL_CHARACTERS) -> str:
    """The text's beginning, marked with how long it really is where it was cut."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text):,} characters)"


def shown(text: str, limit: int = MAX_CELL_CHARACTERS) -> str:
    """A cell's text as it is printed: cut, then legible. Escaping is left to the template."""
    return legible(cut(text, limit))


def decoded(raw: bytes, encoding: str | None) -> str:
    r"""Bytes as text; those that are none in the file's encoding stay readable as \xNN."""
    try:
        return raw.decode(encoding or "utf-8", errors="backslashreplace")
    except (LookupError, UnicodeError):
        return raw.decode("utf-8", errors="backslashreplace")
