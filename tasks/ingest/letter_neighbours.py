"""How likely letters beyond ASCII are in a language, by how often it has them and what stands beside them.

That tells ñ from ń, which are the same byte (docs/decisions/0113-few-kinds-of-letters.md).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from math import log
from typing import NamedTuple

from tasks.ingest.letter_habits import HABITS

_WESTERN = ("de", "fr", "es", "pt", "it", "da", "no", "sv", "fi", "nl", "is", "ga", "ca")
_CENTRAL = ("pl", "cs", "sk", "hu", "sl", "hr", "ro")
_WRITTEN_IN = {
    **dict.fromkeys(("cp1250", "iso8859-2", "cp852"), _CENTRAL),
    "cp1257": ("lt", "lv", "et"),
    "cp1254": ("tr",),
}  # the others: Western
# Logarithms, as all that is added here: how much likelier a file is in a code page, in a language.
_OF_PAGE = {"cp1252": 2.0, "iso8859-2": -1.0, "cp850": -2.0, "cp852": -2.0, "mac-roman": -2.0}
_OF_LANGUAGE = {"is": -1.5, "ga": -2.0, "et": -3.5, "lv": -1.5, "ca": -1.0, "nl": -1.0}
_FOREIGN = log(0.0003) + 2 * log(1 / 3)  # a letter that the language does not have
_SIGNS = "ªº"  # to Unicode they are letters
_SIGN = -4.0  # as likely as a letter that is not rare
_VOWELS = "aeiouy"
_WITHOUT_ACCENT = {"æ": "a", "œ": "o", "ø": "o", "ı": "i"}  # vowels that Unicode does not take apart
_VOWEL, _CONSONANT, _EDGE = range(3)


class _Habit(NamedTuple):
    """Of a letter in a language: how often it is there, and beside what, by `_VOWEL`, `_CONSONANT` and `_EDGE`."""

    share: float
    before: list[float]
    after: list[float]


def likelihood(text: str, page: str) -> float:
    """How likely what is not ASCII in a text is, in the language of a code page that fits best.

    The same letter between the same neighbours counts once, since columns repeat their words.

    Args:
        text: the bytes as this code page reads them.
        page: as Python calls it.

    Returns:
        A logarithm, to be compared with that of the same bytes in another code page.
    """
    low = "".join(letter.lower() if letter != "İ" else letter for letter in f" {text} ")  # which would become two
    around = {low[place - 1 : place + 2] for place, letter in enumerate(low) if not letter.isascii()}
    languages = _WRITTEN_IN.get(page, _WESTERN)
    best = max(_OF_LANGUAGE.get(name, 0.0) + sum(_fits(*three, name) for three in around) for name in languages)
    return _OF_PAGE.get(page, 0.0) + best


@cache
def _fits(before: str, letter: str, after: str, language: str) -> float:
    if not letter.isalpha() or letter in _SIGNS:
        return _SIGN
    habit = _habits(language).get(letter)
    return habit.share + habit.before[_kind(before)] + habit.after[_kind(after)] if habit else _FOREIGN


@cache
def _habits(language: str) -> dict[str, _Habit]:
    habits = {}
    for word in HABITS[language].split():
        count, tenths = word[1:].split(":")
        shares = [log((int(digit) + 0.3) / 10.9) for digit in tenths]
        habits[word[0]] = _Habit(log(int(count) / 1000), shares[:3], shares[3:])
    return habits


def _kind(letter: str) -> int:
    if not letter.isalpha():
        return _EDGE
    plain = unicodedata.normalize("NFD", _WITHOUT_ACCENT.get(letter, letter))[0]
    return _VOWEL if plain in _VOWELS else _CONSONANT
