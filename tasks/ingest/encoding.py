"""Which encoding a text is in, and how sure that is (docs/decisions/0021-encodings.md).

In this order: byte order mark; the zero bytes of UTF-16 and UTF-32; UTF-8, with a tolerance for some bad lines; then a
guess among the older code pages from the lines that are not ASCII.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

import numpy as np

from expectations.errors import UsageError
from tasks.ingest.code_pages import guess_code_page

MAX_SAMPLE_BYTES = 128 << 10
_WIDE_HEAD_BYTES = 4096
# Text in an older code page is UTF-8 by chance in about one line of a hundred, so a quarter is no chance.
_MIN_VALID_SHARE = 0.25
_MAX_STRAY_LINES = 3
_MAX_STRAY_SHARE = 0.2
_MAX_LINES_LOOKED_AT = 4096

_NO_ASCII = re.compile(rb"[^\0\t\n\f\r\x1a-\x7e]")  # neither letters of ASCII, nor zero bytes
_ALL_ZERO = 0.9  # of the other bytes, where every letter is one of ASCII

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


class Encoding(NamedTuple):
    """How bytes become text."""

    name: str  # as Python calls it, without `-sig`
    confidence: float  # 0 to 1
    bom_bytes: int = 0
    is_fallback: bool = False  # taken as a last resort because it never fails: worth a finding
    is_settled: bool = False  # given by the user, marked in the file, or looked at twice: not to be doubted again
    evidence: str = ""

    @property
    def is_utf8(self) -> bool:
        """Whether it needs no transcoding."""
        return self.name == "utf-8"

    @property
    def letter_bytes(self) -> int:
        """The least number of bytes a letter takes: 1, 2 or 4."""
        return 4 if self.name.startswith("utf-32") else 2 if self.name.startswith("utf-16") else 1


UTF_8 = Encoding("utf-8", 1.0, is_settled=True)


class Evidence(NamedTuple):
    """What a stretch of bytes says of its encoding."""

    lines: int = 0
    valid_lines: int = 0  # not ASCII, and UTF-8
    invalid_lines: int = 0
    sample: bytes = b""  # of the lines that are not UTF-8

    def add(self, other: Evidence) -> Evidence:
        """Both together."""
        return Evidence(
            self.lines + other.lines,
            self.valid_lines + other.valid_lines,
            self.invalid_lines + other.invalid_lines,
            (self.sample + other.sample)[:MAX_SAMPLE_BYTES],
        )


def detect_encoding(head: bytes) -> Encoding:
    """The encoding of a stream that begins with these bytes.

    What comes after the head may prove it wrong: `utf8_stream` says so.

    Args:
        head: as much as is at hand, up to a megabyte or so; may be cut anywhere.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, 1.0, len(bom), is_settled=True, evidence="byte order mark")
    wide = _wide_letters(head[:_WIDE_HEAD_BYTES])
    if wide is not None:
        return Encoding(wide, 0.95, is_settled=True, evidence="every other byte is zero, as in UTF-16 or UTF-32")
    return judge(gather(_whole_lines(head)))


def given_encoding(name: str, head: bytes = b"") -> Encoding:
    """The encoding that a user or a contract names.

    Args:
        name: by any name Python knows.
        head: the first bytes, for a byte order mark, which is passed over and says the order of UTF-16 and UTF-32.

    Raises:
        UsageError: there is no such encoding.
    """
    try:
        known = codecs.lookup(name)
        "a".encode(known.name)
    except (LookupError, UnicodeError, TypeError):
        raise UsageError(f"there is no text encoding {name!r}; for example utf-8, cp1252, utf-16, shift_jis") from None
    family = known.name.removesuffix("-sig")
    for bom, marked in _BOMS:
        if head.startswith(bom) and marked.startswith(family):
            return Encoding(marked, 1.0, len(bom), is_settled=True, evidence="given")
    little = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
    return Encoding(little.get(family, family), 1.0, is_settled=True, evidence="given")


def gather(lines: bytes) -> Evidence:
    """Count the lines that are not ASCII, and how many of them are UTF-8.

    Args:
        lines: whole lines.
    """
    count = lines.count(b"\n") + 1
    if lines.isascii():
        return Evidence(count)
    strange = _lines_not_ascii(lines)
    invalid = [] if _is_utf8(lines) else [line for line in strange if not _is_utf8(line)]
    sample = b"\n".join(invalid)[:MAX_SAMPLE_BYTES]
    return Evidence(count, len(strange) - len(invalid), len(invalid), sample)


def judge(evidence: Evidence) -> Encoding:
    """The encoding that fits the evidence, if it is one in which ASCII is ASCII."""
    strange = evidence.valid_lines + evidence.invalid_lines
    if strange == 0:
        return Encoding("utf-8", 1.0, evidence="ASCII only")
    if evidence.valid_lines >= _MIN_VALID_SHARE * strange:
        share = evidence.valid_lines / strange
        return Encoding("utf-8", round(share * strange / (strange + 0.1), 2), evidence=f"valid in {share:.0%} of lines")
    guess = guess_code_page(evidence.sample)
    is_stray = evidence.invalid_lines <= max(_MAX_STRAY_LINES, _MAX_STRAY_SHARE * evidence.lines)
    if is_stray and guess.is_fallback:
        return Encoding("utf-8", 0.5, evidence="ASCII but for stray bytes that make no words in any encoding")
    return Encoding(guess.name, guess.confidence, is_fallback=guess.is_fallback, evidence=guess.evidence)


def _wide_letters(head: bytes) -> str | None:
    """UTF-16 or UTF-32 by where the zero bytes are; text in any script has blanks, digits and line ends."""
    zeros = np.frombuffer(head, np.uint8)[: len(head) // 4 * 4].reshape(-1, 4) == 0
    if len(zeros) == 0:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be" if head[:1] == b"\0" else None
    first, second, third, fourth = zeros.mean(axis=0)
    if min(third, fourth) > 0.9 and first < 0.1:
        return "utf-32-le"
    if min(first, second) > 0.9 and fourth < 0.1:
        return "utf-32-be"
    return _of_two_bytes(head, (first + third) / 2, (second + fourth) / 2)


def _of_two_bytes(head: bytes, even: float, odd: float) -> str | None:
    """UTF-16 by the share of zeros among its first and its second bytes; a text of ASCII may have stray ones."""
    if max(even, odd) < _ALL_ZERO and not _NO_ASCII.search(head):
        return None
    if odd > 0.1 and even < 0.02 * odd:
        return "utf-16-le"
    if even > 0.1 and odd < 0.02 * even:
        return "utf-16-be"
    return None


def _whole_lines(head: bytes) -> bytes:
    """The head without its last line, which may be cut within a letter; all of it if it has no other."""
    cut = max(head.rfind(b"\n"), head.rfind(b"\r"))
    return head[: cut + 1] if cut >= 0 else _without_cut_letter(head)


def _without_cut_letter(line: bytes) -> bytes:
    for size in range(1, min(4, len(line)) + 1):
        if line[-size] >= 0xC0:
            return line[:-size]
        if line[-size] < 0x80:
            break
    return line


def _lines_not_ascii(lines: bytes) -> list[bytes]:
    """The first some thousand lines that hold a byte above 127."""
    letters = np.frombuffer(lines, np.uint8)
    ends = np.flatnonzero((letters == 10) | (letters == 13))
    places = np.searchsorted(ends, np.flatnonzero(letters > 127))
    places = places[np.diff(places, prepend=-1) > 0][:_MAX_LINES_LOOKED_AT]
    starts = np.concatenate(([0], ends + 1))
    stops = np.concatenate((ends, [len(lines)]))
    return [lines[starts[place] : stops[place]] for place in places.tolist()]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
