"""Where values of JSON begin and end, told by their brackets, quotes and commas."""

from __future__ import annotations

import re

import msgspec

_BETWEEN_OBJECTS = re.compile(rb"\}\s*+,\s*+\{")
_SEPARATORS = re.compile(rb"[\s,]*+")
_FLAT_OBJECT = re.compile(rb'\{(?:[^{}\[\]"]++|"(?:[^"\\\n\r]++|\\.)*+")*+\}')
_TOKEN = re.compile(rb'"(?:[^"\\\n\r]++|\\.)*+("?)|[{}\[\]]')
_BARE = re.compile(rb'[^,\n\[\]{}"]++|.', re.DOTALL)
_RECORDS = re.compile(rb"\[\s*+[{\]]")
_OPENER = {b"}": b"{", b"]": b"["}
BROKEN, UNFINISHED = -1, -2  # in place of where an element ends


def wrapped_array(head: bytes) -> tuple[str, int] | None:
    """The first key of an object whose value is an array of objects, and where that array begins."""
    depth, key = 0, b""
    for token in _TOKEN.finditer(head):
        sign = token[0]
        if sign.startswith(b'"'):
            key = sign if depth == 1 else key
        elif sign == b"[" and depth == 1 and _RECORDS.match(head, token.start()):
            return key.strip(b'"').decode("utf-8", "replace"), token.start()
        else:
            depth += 1 if sign in _OPENER.values() else -1
        if depth == 0:
            return None
    return None


def last_gap(data: bytes, start: int, stop: int) -> int | None:
    """Behind the last object before `stop` that another one seems to follow."""
    for window in (4 << 10, stop - start):
        gaps = list(_BETWEEN_OBJECTS.finditer(data, max(start, stop - window), stop))
        if gaps:
            return gaps[-1].start() + 1
    return None


def end_of_element(data: bytes, start: int, stop: int) -> int:
    """Where the element that begins at `start` ends, by its brackets and quotes; BROKEN, or UNFINISHED at `stop`."""
    if data[start : start + 1] not in (b"{", b"[", b'"'):
        bare = _BARE.match(data, start, stop)
        return bare.end() if bare else UNFINISHED
    flat = _FLAT_OBJECT.match(data, start, stop)
    if flat:
        return flat.end()
    open_brackets: list[bytes] = []
    for token in _TOKEN.finditer(data, start, stop):
        sign = token[0]
        if sign.startswith(b'"'):
            if not token[1]:
                return UNFINISHED if token.end() == stop else BROKEN
        elif sign not in _OPENER:
            open_brackets.append(sign)
        elif not open_brackets or open_brackets.pop() != _OPENER[sign]:
            return BROKEN
        if not open_brackets:
            return token.end()
    return UNFINISHED


def skip(data: bytes, at: int) -> int:
    """Past blanks and commas."""
    found = _SEPARATORS.match(data, at)
    return found.end() if found else at


def stripped(data: bytes, start: int, end: int) -> int:
    """The end of a stretch without the blanks and commas that close it."""
    return start + len(data[start:end].rstrip(b" \t\r\n,"))


def keys_of(text: bytes) -> set[str]:
    """The keys of an object; none if it is no object."""
    try:
        return set(msgspec.json.decode(text, type=dict[str, msgspec.Raw]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return set()


def is_value(text: bytes) -> bool:
    """Whether some text is one value."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
