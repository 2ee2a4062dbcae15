"""How a line that holds a JSON object is written: its keys, and the signs around them."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

_OPENING = re.compile(rb'\{[ \t]*+"[^"\\]*+"([ \t]*+:[ \t]*+)')
_VALUES = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Layout(NamedTuple):
    """How a line is written."""

    keys: tuple[str, ...]
    openings: tuple[bytes, ...]  # what stands before each value: `{"a": `, and `, "b": ` for all but the first
    comma: int  # where it is in these
    closing: bytes  # what stands behind the last value

    @property
    def before_name(self) -> bytes:
        """What stands between a value and the name of the next key, the quote of that included."""
        return self.openings[-1][: self.openings[-1].find(b'"') + 1]


def layout_of(line: bytes) -> Layout | None:
    """How a line is written; None if it cannot be told from its beginning."""
    opening = _OPENING.match(line)
    try:
        values = {key: bytes(raw) for key, raw in _VALUES.decode(line).items()}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not opening or not values:
        return None
    behind = opening.end() + len(next(iter(values.values())))
    comma = line[behind : line.find(b'"', behind)] if len(values) > 1 else b","
    names = [b'"%b"%b' % (key.encode(), opening[1]) for key in values]
    first = line[: opening.end()]
    body = first[: -len(names[0])] + comma.join(map(bytes.__add__, names, values.values()))
    if comma.strip() != b"," or not line.startswith(body):  # a key twice, or other blanks
        return None
    openings = (first, *(comma + name for name in names[1:]))
    return Layout(tuple(values), openings, comma.find(b","), line[len(body) :])
