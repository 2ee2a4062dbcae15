"""Telling the older code pages apart by whether the text they give looks like words.

A detector knows languages, and goes astray on the short fields of a table; what it says is checked against its
neighbours by how the letters that are not ASCII lie among the others.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from tasks.ingest.letter_neighbours import likelihood

MIN_PLAUSIBLE = 0.6
_MAX_SAMPLE_BYTES = 16 << 10
_MAX_SCORED_BYTES = 4 << 10  # character by character, in a dozen code pages
_FEW_BYTES = 8  # with less than this a detector guesses at random among the rarer code pages
_AS_PLAUSIBLE = 0.005  # what is so near to the most plausible is as good

# Code pages that give other words from the same bytes, to be compared with the one that a detector names.
_LATIN = ("cp1252", "iso8859-15", "cp1250", "iso8859-2", "cp1257", "cp1254", "cp850", "cp852", "mac-roman")
_CYRILLIC = ("cp1251", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
_SIBLINGS = {
    **dict.fromkeys(_LATIN, _LATIN),
    **dict.fromkeys(_CYRILLIC, _CYRILLIC),
    "cp1253": ("iso8859-7", "cp737"),
    "cp1255": ("cp862",),
    "cp1256": ("iso8859-6", "cp720"),
}
_TRUSTED_WHEN_SHORT = {"cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256"}

_STRANGE = re.compile(rb"[\x80-\xff]+")
# One of these among ASCII, or two beside a letter of it: as in "é", "Größe", "açò".
_AMONG_ASCII = re.compile(
    rb"(?<![\x80-\xff])[\x80-\xff](?:|(?<=[A-Za-z].)[\x80-\xff]|[\x80-\xff](?=[A-Za-z]))(?![\x80-\xff])"
)
_MOSTLY = 0.9
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN_LETTERS = "’‘´·–"
_NEXT_TO_DIGITS = "€£¥¢°§±²³¹¼½¾µ×‰№"
_ORDINALS = "ªº"  # to Unicode they are letters
_OF_METRES, _OF_DEGREES = "²³", "°"
_PUNCTUATION = "«»“”„‘’‚‹›–—•…¿¡´·"
_SIGNS = "©®™§"
_AFTER_WORDS = "®™"
_FIELD_ENDS = ",;\t|\n\r\"'"
_WORD_ENDS = " " + _FIELD_ENDS
_BEFORE_SIGN, _AFTER_SIGN = _WORD_ENDS + "([/", _WORD_ENDS + ")]/"
_FIELD_END = re.compile(f"[{_FIELD_ENDS}]")


class Guess(NamedTuple):
    """A code page."""

    name: str
    confidence: float  # 0 to 1
    plausible: float  # the share of what is not ASCII that lies where one expects it, 0 to 1
    is_fallback: bool
    evidence: str


def guess_code_page(sample: bytes) -> Guess:
    """The code page of some lines that are neither ASCII nor UTF-8."""
    from chardet import EncodingEra, detect  # noqa: PLC0415  (few files are neither)

    sample = sample[:_MAX_SAMPLE_BYTES]
    detected = detect(sample, encoding_era=EncodingEra.MODERN_WEB)["encoding"]
    strange = _Strange.of(sample)
    scores = {name: _plausible(sample, name) for name in _options(detected, strange)}
    name = _best(scores, sample)
    plausible = scores[name]
    if plausible < MIN_PLAUSIBLE:
        return Guess(
            "latin-1", 0.0, plausible, True, "no encoding gives words; latin-1 never fails and is seldom right"
        )
    telling = min(strange.total, _FEW_BYTES * strange.kinds)  # the same byte again says little more
    confidence = round(plausible * telling / (telling + 5), 2)
    return Guess(name, confidence, plausible, False, f"{plausible:.0%} of what is not ASCII makes words or signs")


def _best(scores: dict[str, float], sample: bytes) -> str:
    """The most plausible one; of Latin ones that are as plausible, the one whose letters are the likeliest."""
    most = max(scores.values())
    equal = [name for name, score in scores.items() if score >= most - _AS_PLAUSIBLE]
    if equal[0] not in _LATIN:
        return equal[0]
    head = sample[:_MAX_SCORED_BYTES]
    latin = [name for name in equal if name in _LATIN]
    return max(latin, key=lambda name: likelihood(head.decode(name, "replace"), name))


class _Strange(NamedTuple):
    """What there is of bytes that are not ASCII."""

    total: int
    kinds: int
    are_alone: bool  # nearly each is among ASCII, as accents and signs are and letters of other scripts are not

    @classmethod
    def of(cls, sample: bytes) -> _Strange:
        stretches = _STRANGE.findall(sample)
        total = sum(map(len, stretches))
        alone = sum(map(len, _AMONG_ASCII.findall(sample)))
        return cls(total, len(set(b"".join(stretches))), alone >= _MOSTLY * total)


def _options(detected: str | None, strange: _Strange) -> list[str]:
    """What to compare, the likeliest first: the first of equals is taken."""
    first = codecs.lookup(detected).name if detected else "cp1252"
    if first.startswith("utf"):
        first = "cp1252"  # these were looked for before, by surer signs
    options = [first, *_SIBLINGS.get(first, ()), *_LATIN]
    is_short = strange.total < _FEW_BYTES and first not in _TRUSTED_WHEN_SHORT
    is_other_script = strange.are_alone and first not in _LATIN
    if is_short or is_other_script:
        options.insert(0, "cp1252")
    return list(dict.fromkeys(options))


def _plausible(sample: bytes, name: str) -> float:
    """The share of the characters that are not ASCII and make words or signs; those that cannot be count against it."""
    text = sample[:_MAX_SCORED_BYTES].decode(name, "replace")
    places = [match.start() for match in _NOT_ASCII.finditer(text)]
    if not places:
        return 0.0
    return sum(_fits(text, place) for place in places) / len(places) - _strange_words(text, name) / len(places)


def _strange_words(text: str, name: str) -> int:
    """How many characters stand in words that mix scripts, or in Latin words that are nearly all accents."""
    strange = 0
    for word in _WORD.findall(text):
        count = len(_NOT_ASCII.findall(word))
        if name in _LATIN:
            strange += count if len(word) >= 5 and count > 0.8 * len(word) else 0
        elif word[0].isascii() and word[-1].isascii():
            strange += count
    return strange


def _fits(text: str, place: int) -> float:
    """1 for a character where one expects it, 0 for an odd one, -1 for one that no text has."""
    left, right = text[max(0, place - 2) : place], text[place + 1 : place + 3]
    in_field = _FIELD_END.split(left)[-1] + _FIELD_END.split(right)[0]
    return _fits_among(text[place], left[-1:], right[:1], in_field)


@lru_cache(maxsize=50_000)
def _fits_among(letter: str, before: str, after: str, around: str) -> float:
    category = unicodedata.category(letter)
    if letter == "\ufffd" or category in ("Cc", "Cn", "Co"):
        return -1
    if letter in _ORDINALS:
        return float((before.isalnum() or before == ".") and not after.isalpha())
    if letter.isalpha() or category.startswith("M"):
        return float(_is_in_word(letter, before, after))
    if category == "Zs":
        return float(before.isalnum() and after.isalnum())
    return float(_is_expected_sign(letter, before, after, around))


def _is_in_word(letter: str, before: str, after: str) -> bool:
    """Whether a letter lies among others as in a word: a word of its own, or no capital after a small letter."""
    if unicodedata.category(letter) == "Lo" or (before in _WORD_ENDS and after in _WORD_ENDS):
        return True
    is_alone = not (before.isalpha() or after.isalpha() or (letter.isupper() and after == "."))
    return not is_alone and not (letter.isupper() and before.islower() and not after.isupper())


def _is_expected_sign(letter: str, before: str, after: str, around: str) -> bool:
    """Whether a sign has the neighbours it should: letters, digits, or the ends of its field."""
    if letter in _NEXT_TO_DIGITS:
        is_apart = before in _BEFORE_SIGN and (after in _AFTER_SIGN or letter == _OF_DEGREES)
        return is_apart or (letter in _OF_METRES and before == "m") or any(near.isdigit() for near in around)
    if letter in _SIGNS:
        return not after.isalpha() and (letter in _AFTER_WORDS or not before.isalpha())
    if letter in _PUNCTUATION:
        return letter in _BETWEEN_LETTERS or not (before.isalpha() and after.isalpha())
    return unicodedata.east_asian_width(letter) in "WF"
