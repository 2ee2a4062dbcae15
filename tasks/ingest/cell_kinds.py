"""What a cell's text looks like: number, date, time, money, address, code, or just words."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """Kinds of cells."""

    EMPTY = "empty"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    MONEY = "money"
    URL = "url"
    CODE = "code"
    WORDS = "words"


TYPED = {Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.MONEY}

_MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "--", ".", "?"}
NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?%?")
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_CLOCK = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
_PATTERNS = (
    (Kind.NUMBER, NUMBER),
    (Kind.DATE, re.compile(rf"\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}([ T]{_CLOCK}(Z|[+-]\d{{2}}:?\d{{2}})?)?")),
    (Kind.DATE, re.compile(rf"{_MONTH}[-/ .,]+\d{{2,4}}|\d{{1,2}}[-/ .]{_MONTH}([-/ .,]+\d{{2,4}})?")),
    (Kind.TIME, re.compile(rf"{_CLOCK}( ?[AaPp][Mm])?")),
    (Kind.MONEY, re.compile(r"[$£€¥] ?-?\d[\d,.]*|-?\d[\d,.]* ?[$£€¥]")),
    (Kind.URL, re.compile(r"(https?|ftps?|s3|file)://\S+|[\w.+%-]+@[\w-]+(\.[\w-]+)+")),
    (Kind.CODE, re.compile(r"[A-Z]{1,4}\d?-?\d{2,}")),
)


@lru_cache(maxsize=20_000)
def kind_of(cell: str) -> Kind:
    """What a cell looks like."""
    text = cell.strip()
    if text.casefold() in _MISSING:
        return Kind.EMPTY
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(text)), Kind.WORDS)


def is_typed(cell: str) -> bool:
    """Whether a cell looks like more than words."""
    return kind_of(cell) is not Kind.WORDS
