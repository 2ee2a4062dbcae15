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
_IN_WORDS = re.compile(r"(?=(\w?)([^\W\d_\x00-\x7f])(\w?))")


def share_at_home(text: str) -> float:
    """The share of the letters beyond ASCII whose neighbours are those that a language gives them; 1 without any."""
    found = [near for near in _IN_WORDS.findall(text.lower()) if near[1].isalpha()]
    return sum(_is_at_home(*near) for near in found) / len(found) if found else 1.0


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
        return not after or after in _ONLY_BEFORE[letter]
    if _is_vowel(letter):
        return not (_is_vowel(before) and _is_vowel(after))
    return _is_vowel(before) or _is_vowel(after)


def _is_vowel(letter: str) -> bool:
    bare = unicodedata.normalize("NFD", _WITHOUT_ACCENT.get(letter, letter))[:1]
    return bare != "" and bare in _VOWELS
