"""Whether letters with accents stand where a language has them: what tells ñ from ń, which are the same byte."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_VOWELS = "aeiouy"
_WITHOUT_ACCENT = {"æ": "a", "œ": "o", "ø": "o", "ı": "i"}  # vowels that Unicode does not take apart
_BEFORE_VOWELS = "ñ"
_NOT_BEFORE_VOWELS = "ńćśź"  # Polish writes an i instead
# Portuguese õ and ã; à, ì, ò and ù end words in Italian and French.
_ONLY_BEFORE = {"õ": "e", "ã": "oes", **dict.fromkeys("àìòù", "")}
_RARE = "ðþý"  # of the languages written in cp1252 only Icelandic has them
_BEYOND_ASCII = re.compile(r"[^\W\d_\x00-\x7f]")


def share_at_home(text: str) -> float:
    """The share of the letters beyond ASCII whose neighbours are those that a language gives them; 1 without any."""
    low = f" {text.lower()} "
    places = [match.start() for match in _BEYOND_ASCII.finditer(low) if match[0].isalpha()]
    at_home = sum(_is_at_home(low[place - 1], low[place], low[place + 1]) for place in places)
    return at_home / len(places) if places else 1.0


def has_rare_letters(text: str) -> bool:
    """Whether there are letters that hardly a text in cp1252 has."""
    return not set(_RARE).isdisjoint(text.lower())


@lru_cache(maxsize=10_000)
def _is_at_home(before: str, letter: str, after: str) -> bool:
    if letter in _BEFORE_VOWELS:
        return _is_vowel(after)
    if letter in _NOT_BEFORE_VOWELS:
        return not _is_vowel(after)
    if letter in _ONLY_BEFORE:
        return not after.isalpha() or after in _ONLY_BEFORE[letter]
    if _is_vowel(letter):
        return not (_is_vowel(before) and _is_vowel(after))
    return _is_vowel(before) or _is_vowel(after)


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", _WITHOUT_ACCENT.get(letter, letter))[0] in _VOWELS
