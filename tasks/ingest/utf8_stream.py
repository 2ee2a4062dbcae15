"""A source's text as UTF-8, whatever it was; bytes that are no text stay recoverable."""

from __future__ import annotations

import codecs
import io
import re
from typing import BinaryIO

from tasks.ingest.encoding import Encoding, Evidence, gather, judge
from tasks.models import Finding
from tasks.sources.original_bytes import KEEP

_PIECE_BYTES = 1 << 20
_ENOUGH_LINES = 200
_GLANCE_BYTES = 64 << 10
_MAX_UNFINISHED_BYTES = 1 << 20

MARK = "\ufeff"  # of byte order: within a text where another one was put behind it
MARK_BYTES = MARK.encode()
_MARKS = re.compile(f"(^|[\r\n]){MARK}+")

# UTF-8 of signs that stand where letters were lost: the replacement character, UTF-8 read as cp1252 (`Ã¸`, `â€™`), and
# the control characters that cp1252 read as latin-1 leaves of its quotes and dashes.
# Each with a byte to look for first, which is far quicker than to count what is not there.
_LOST_SIGNS = ((0xEF, b"\xef\xbf\xbd"), (0x83, b"\xc3\x83"), (0x82, b"\xc3\x82\xc2"), (0xE2, b"\xc3\xa2\xe2\x82\xac"))
_LATIN_CONTROLS = re.compile(rb"\xc2[\x80-\x84\x86-\x9f]")


class EncodingMistakenError(Exception):
    """What came later in a stream shows that its encoding is another one: read it again from the start with that."""

    def __init__(self, encoding: Encoding) -> None:
        super().__init__(f"the text is {encoding.name}")
        self.encoding = encoding


class Utf8Stream(io.RawIOBase):
    """A stream transcoded to UTF-8, without byte order mark; UTF-8 is passed through as it is.

    Bytes that are not valid in the source's encoding come out as something that is not valid UTF-8, so that whoever
    reads lines finds them the same way in every file; `OriginalBytes` gives back what they were. While the encoding
    is not settled, the lines that are not ASCII are looked at as they come.

    Attributes:
        lost_signs: how many replacement characters and mojibake signs have come by; worth a finding.
        may_have_marks: whether a byte has come by with which a byte order mark begins.

    Raises:
        EncodingMistakenError: while reading.
    """

    def __init__(self, stream: BinaryIO, encoding: Encoding) -> None:
        self._stream = stream
        self._bom_bytes_left = encoding.bom_bytes
        self._doubt = None if encoding.is_settled else _Doubt(encoding)
        self._decoder = None if encoding.is_utf8 else codecs.getincrementaldecoder(encoding.name)(KEEP)
        self._ready = b""
        self._is_at_end = False
        self.lost_signs = 0
        self.may_have_marks = False

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes, at most `size`; none at the end. May be fewer than asked for."""
        if size < 0:
            return self.readall()
        while not self._ready and not self._is_at_end:
            self._ready = self._next(size)
        piece = self._ready
        if len(piece) <= size:
            self._ready = b""
            return piece
        self._ready = piece[size:]
        return piece[:size]

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # io says buffer, and means a writable one
        """Fill the buffer; 0 at the end of the stream."""
        view = memoryview(buffer)
        piece = self.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def _next(self, size: int) -> bytes:
        if self._bom_bytes_left:
            self._bom_bytes_left -= len(self._stream.read(self._bom_bytes_left))
        data = self._stream.read(size if self._decoder is None else _PIECE_BYTES)
        self._is_at_end = not data
        if self._doubt is not None:
            self._doubt = self._doubt.look(data)
        if self._decoder is not None:
            data = self._decoder.decode(data, self._is_at_end).encode("utf-8", "surrogatepass")
        if not data.isascii():
            self.lost_signs += sum(data.count(sign) for rare, sign in _LOST_SIGNS if rare in data)
            self.lost_signs += len(_LATIN_CONTROLS.findall(data)) if 0xC2 in data else 0
            self.may_have_marks = self.may_have_marks or MARK_BYTES[0] in data
        return data

    def close(self) -> None:
        """Let go of the source."""
        if not self.closed:
            self._stream.close()
        super().close()


def utf8_stream(stream: BinaryIO, encoding: Encoding) -> Utf8Stream:
    """A source's text as UTF-8.

    Args:
        stream: the unpacked source from its very start, byte order mark included; closed with what is returned.
        encoding: from `detect_encoding` or `given_encoding`.
    """
    return Utf8Stream(stream, encoding)


def without_marks(text: str) -> str:
    """A text without the byte order marks that stand where its lines begin."""
    return _MARKS.sub(r"\1", text) if MARK in text else text


def lost_signs_finding(stream: Utf8Stream) -> Finding | None:
    """What to say of a text in which characters were lost before it came here."""
    if not stream.lost_signs:
        return None
    message = "signs of text that was decoded wrongly before it came here: \ufffd, or pairs such as \u00c3\u00b8"
    return Finding(code="mojibake", message=message, count=stream.lost_signs)


def fallback_finding(encoding: Encoding) -> Finding | None:
    """What to say of an encoding that was taken because it never fails."""
    if not encoding.is_fallback:
        return None
    message = f"the encoding is unknown: {encoding.evidence}; name it with --encoding"
    return Finding(code="encoding_fallback", message=message)


class _Doubt:
    """Looks at the lines that are not ASCII until there are enough of them."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._evidence = Evidence()
        self._unfinished = b""

    def look(self, data: bytes) -> _Doubt | None:
        """Take in the next bytes; None when there is no more doubt.

        Raises:
            EncodingMistakenError: it is another encoding.
        """
        if data and data.isascii() and self._unfinished.isascii():
            # About as many lines as its beginning has; nearly all of most files goes this way.
            lines = data[:_GLANCE_BYTES].count(b"\n") * len(data) // min(len(data), _GLANCE_BYTES)
            self._evidence = self._evidence.add(Evidence(lines))
            self._unfinished = b""
            return self
        found = gather(self._whole_lines(data))
        self._evidence = self._evidence.add(found)
        if found.valid_lines + found.invalid_lines:
            self._judge()
        return None if self._evidence.valid_lines + self._evidence.invalid_lines > _ENOUGH_LINES else self

    def _whole_lines(self, data: bytes) -> bytes:
        data = self._unfinished + data
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if len(data) - cut > _MAX_UNFINISHED_BYTES or len(data) == len(self._unfinished):
            cut = len(data)
        self._unfinished = data[cut:]
        return data[:cut]

    def _judge(self) -> None:
        encoding = judge(self._evidence)
        if encoding.name != self._encoding.name and not encoding.is_fallback:
            raise EncodingMistakenError(encoding._replace(is_settled=True))
