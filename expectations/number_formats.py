"""How numbers are written, said by an example: `1.234,56`."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

# People cannot tell the blanks of a number apart, nor its apostrophes: each stands for all of its kind.
_ALIKE = {
    " ": " \u00a0\u202f",
    "\u00a0": " \u00a0\u202f",
    "\u202f": " \u00a0\u202f",
    "'": "'\u2019",
    "\u2019": "'\u2019",
}
_EXAMPLE = re.compile(r"1(?P<mark>[., '\u2019\u00a0\u202f]?)234(?P<point>[.,])56")


class NumberFormat(NamedTuple):
    """What an example says."""

    marks: str  # the characters that may stand between thousands
    point: str  # the character before the fraction
    pattern: str  # what every number that is written so matches, to Python's `re` and to Polars


@cache
def number_format(example: str) -> NumberFormat:
    """Read an example.

    Raises:
        ValueError: it is none.
    """
    found = _EXAMPLE.fullmatch(example)
    if found is None or found["mark"] == found["point"]:
        raise ValueError(
            f"{example!r} shows no number format: write 1234.56 as these numbers have it, such as '1.234,56'"
        )
    marks, point = _ALIKE.get(found["mark"], found["mark"]), found["point"]
    grouped = f"[0-9]{{1,3}}(?:[{marks}][0-9]{{3}})+|" if marks else ""
    return NumberFormat(marks, point, f"^[+-]?(?:{grouped}[0-9]*)(?:[{point}][0-9]*)?$")


def plain_number(text: str, example: str) -> str | None:
    """A number as `1234.56`; None where it is not written like the example."""
    form = number_format(example)
    if re.fullmatch(form.pattern, text) is None:
        return None
    return text.translate(dict.fromkeys(map(ord, form.marks))).replace(form.point, ".")
