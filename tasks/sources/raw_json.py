"""Chosen elements of a JSON array."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from tasks.sources.json_elements import JsonArray
from tasks.sources.original_bytes import KEEP, OriginalBytes
from tasks.sources.raw_lines import BLOCK_BYTES, LineEnd, RawRecord


class _Utf8:
    """A stream as UTF-8, without byte order mark."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)(KEEP)
        first = stream.read(BLOCK_BYTES)
        self.bom_bytes = LineEnd(encoding, "\n").bom_bytes(first)
        self._first: bytes | None = first[self.bom_bytes :]

    def read(self, size: int) -> bytes:
        """The next bytes, about as many; none at the end."""
        data, self._first = self._first if self._first is not None else self._stream.read(size), None
        if self._decoder is None:
            return data
        return self._decoder.decode(data, final=not data).encode("utf-8", "surrogatepass")


def fetch_elements(source: BinaryIO, wanted: Iterable[int], encoding: str | None) -> Iterator[RawRecord]:
    """The elements with the wanted numbers, in order."""
    name = (encoding or "utf-8").removesuffix("-sig")
    stream, original = _Utf8(source, name), OriginalBytes(name)
    numbers = iter(wanted)
    number = next(numbers, None)
    for piece in JsonArray(stream, _any_objects, original.length).pieces():
        is_here = number is not None and number < piece.first + piece.records
        elements = piece.elements() if is_here else []
        while number is not None and number < piece.first + piece.records:
            element = elements[number - piece.first]
            at = stream.bom_bytes + piece.byte_offset + original.length(piece.data[: element.start])
            yield number, at, original.of(piece.data[element.start : element.end])
            number = next(numbers, None)
        if number is None:
            return


class _AnyObject(msgspec.Struct):
    """An object that is not looked into."""


_MANY = msgspec.json.Decoder(list[_AnyObject])


def _any_objects(data: bytes) -> list[_AnyObject] | None:
    try:
        return _MANY.decode(b"[%b]" % data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
