"""Chosen elements of a JSON array."""

from __future__ import annotations

import codecs
from typing import BinaryIO

import msgspec
import polars as pl

from tasks.sources.json_elements import JsonArray
from tasks.sources.raw_lines import BLOCK_BYTES, RAW_SCHEMA, LineEnd


class _Utf8:
    """A stream as UTF-8, without byte order mark."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._line_end = LineEnd(encoding, "\n")
        self.encoding = None if encoding in ("utf-8", "utf-8-sig") else encoding
        self._decoder = codecs.getincrementaldecoder(self.encoding or "utf-8")("replace")
        self._first: bytes | None = stream.read(BLOCK_BYTES)
        self.bom_bytes = self._line_end.bom_bytes(self._first)
        self._first = self._first[self.bom_bytes :]

    def read(self, size: int) -> bytes:
        """The next bytes, about as many; none at the end."""
        data, self._first = self._first if self._first is not None else self._stream.read(size), None
        if self.encoding is None:
            return data
        return self._decoder.decode(data, final=not data).encode("utf-8", "surrogatepass")


def fetch_elements(source: BinaryIO, wanted: pl.DataFrame, encoding: str | None) -> pl.DataFrame:
    """The elements with the wanted numbers, as `tasks.sources.fetch_raw` gives them."""
    stream = _Utf8(source, encoding or "utf-8")
    numbers = wanted["line"].to_list()
    found: list[tuple[int, int | None, bytes]] = []
    for piece in JsonArray(stream, _any_objects).pieces():
        here = [
            number
            for number in numbers[len(found) : len(found) + piece.records]
            if number < piece.first + piece.records
        ]
        elements = piece.elements() if here else []
        for number in here:
            element = elements[number - piece.first]
            raw = piece.data[element.start : element.end]
            if stream.encoding is None:
                found.append((number, stream.bom_bytes + piece.byte_offset + element.start, raw))
            else:
                found.append((number, None, raw.decode("utf-8", "surrogatepass").encode(stream.encoding, "replace")))
        if len(found) == len(numbers):
            break
    return pl.DataFrame(found, RAW_SCHEMA, orient="row")


class _AnyObject(msgspec.Struct):
    """An object that is not looked into."""


_MANY = msgspec.json.Decoder(list[_AnyObject])


def _any_objects(data: bytes) -> list[_AnyObject] | None:
    try:
        return _MANY.decode(b"[%b]" % data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
