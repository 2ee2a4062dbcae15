"""From a text's UTF-8 back to the bytes it was: on the way there, bytes that are no text are kept recoverable."""

from __future__ import annotations

import codecs
import re

import numpy as np

KEEP = "sluice_keep"  # the name of `_keep` among Python's handlers of codec errors
_FIRST_KEPT = 0xDC00
_KEPT = re.compile("([\udc00-\udcff]+)")


class OriginalBytes:
    """What stretches of UTF-8 were that `codecs.getincrementaldecoder(name)(KEEP)` made of an encoding."""

    def __init__(self, name: str) -> None:
        """Prepare to look back.

        Args:
            name: of the encoding, as Python calls it, without byte order mark.
        """
        self._name = name
        self.is_utf8 = name == "utf-8"
        self._keeps_ascii = not name.startswith(("utf-16", "utf-32"))
        self._has_one_byte_letters = not self.is_utf8 and _has_one_byte_letters(name)

    def of(self, text: bytes) -> bytes:
        """A stretch as it was.

        A few old East Asian code pages have two codes for one character: of these the usual one.
        """
        if self.is_utf8:
            return text
        pieces = _KEPT.split(text.decode("utf-8", "surrogatepass"))
        try:
            return b"".join(
                bytes(ord(letter) - _FIRST_KEPT for letter in piece) if _KEPT.match(piece) else piece.encode(self._name)
                for piece in pieces
            )
        except UnicodeEncodeError:
            return text

    def length(self, text: bytes) -> int:
        """How many bytes a stretch was."""
        if self.is_utf8 or (self._keeps_ascii and text.isascii()):
            return len(text)
        if self._has_one_byte_letters:
            array = np.frombuffer(text, np.uint8)
            return len(array) - int(np.count_nonzero((array & 0xC0) == 0x80))
        return len(self.of(text))


def _has_one_byte_letters(name: str) -> bool:
    """Whether every byte of an encoding is a letter of its own."""
    try:
        return codecs.lookup(name).name != "utf-7" and len(bytes(range(256)).decode(name, "replace")) == 256
    except (LookupError, UnicodeError):
        return False


def _keep(error: UnicodeError) -> tuple[str, int]:
    """Bytes that cannot be decoded, as lone surrogates (which no text has), one for each."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(_FIRST_KEPT + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(KEEP, _keep)
