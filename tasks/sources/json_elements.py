"""A JSON array taken apart into its elements, in bounded memory, past elements that are broken.

It goes by the piece: many elements at once where they are whole, which one call of a decoder proves, and one by one
where they are not. Where to cut needs no look at what comes before: if the array up to some comma is valid once it is
closed there, then that comma stands between two elements.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tasks.sources.json_signs import (
    BROKEN,
    UNFINISHED,
    end_of_element,
    is_value,
    keys_of,
    last_gap,
    skip,
    stripped,
    wrapped_array,
)
from tasks.sources.readable import Readable

_BLOCK_BYTES = 4 << 20
_PIECE_BYTES = 128 << 10  # so many objects at a time stay in the processor's cache
_MAX_ELEMENT_BYTES = 16 << 20
_MAX_LOOK_BYTES = 1 << 20  # how far to look for the end of what may be the next good element
_MAX_LOOKS = 64

_SIBLING = re.compile(rb"[,\n]\s*+(?=\{)")

# Gives the objects in text like `{...}, {...}`, of any type; None if that is not what the text is.
Decode = Callable[[bytes], list[Any] | None]


class Element(NamedTuple):
    """Where an element lies, or what is left of one."""

    start: int  # in its piece
    end: int
    code: str | None = None  # what is wrong with it: bad_json or not_an_object


class Piece(NamedTuple):
    """Some elements that follow one another."""

    data: bytes
    byte_offset: int  # in the source, where the stream begins at 0
    first: int  # number of the first element, from 1
    objects: list[Any]  # what the good ones are
    located: list[Element] | None = None  # None where all are good, until someone asks

    @property
    def records(self) -> int:
        """How many elements there are, the broken ones included."""
        return len(self.objects) if self.located is None else len(self.located)

    def elements(self) -> list[Element]:
        """Where each of them lies."""
        return list(_objects_in(self.data)) if self.located is None else self.located


class NotJsonError(Exception):
    """The text begins with neither an array nor an object."""


class JsonArray:
    """A reader of one array of objects, or of what comes near it.

    Near it: the value of a key (`{"data": [...]}`); arrays or objects one after another; one object.

    Attributes:
        wrapper: the key that the array is the value of, if it is one.
        is_open: whether the array has not come to its end; once all is read: whether the file is cut off.
    """

    def __init__(self, stream: Readable, decode: Decode, length: Callable[[bytes], int] = len) -> None:
        """Prepare to read.

        Args:
            stream: UTF-8.
            decode: gives the objects in some text.
            length: how many bytes a stretch of the stream is in the source.
        """
        self._stream, self._decode, self._length = stream, decode, length
        self._data, self._at = b"", 0
        self._measured = self._byte_offset = 0  # a place in the data, and where that is in the source
        self._is_last = self._is_lost = False
        self._next = 1
        self._keys: set[str] = set()
        self.wrapper: str | None = None
        self.is_open = False

    def pieces(self) -> Iterator[Piece]:
        """The elements, by the piece.

        Raises:
            NotJsonError: it is no JSON from the start.
        """
        self._begin()
        while not (self._is_last and self._at >= len(self._data)):
            self._at = skip(self._data, self._at)
            if self._passes_bracket():
                continue
            piece = self._clean_piece() or self._exact_piece()
            if piece is None:
                self._read_on()
            elif piece.records:
                self._next += piece.records
                yield piece

    def _begin(self) -> None:
        self._read_on()
        self._at = skip(self._data, 0)
        first = self._data[self._at : self._at + 1]
        if first not in (b"[", b"{"):
            raise NotJsonError
        array = wrapped_array(self._data[self._at : self._at + _MAX_LOOK_BYTES]) if first == b"{" else None
        if array is not None:
            self.wrapper, start = array
            self._at += start

    def _read_on(self) -> None:
        rest = self._data[self._at :]
        more = self._stream.read(max(_BLOCK_BYTES, len(rest)))
        self._offset(self._at)
        self._data, self._at, self._measured = rest + more, 0, 0
        self._is_last = not more

    def _clean_piece(self) -> Piece | None:
        """Many whole objects; None where something is wrong with one, or their array ends."""
        start = self._at
        if not self.is_open or self._is_lost or self._data[start : start + 1] != b"{":
            return None
        cut = last_gap(self._data, start, min(start + _PIECE_BYTES, len(self._data)))
        if cut is None:
            return None
        data = self._data[start:cut]
        objects = self._decode(data)
        if objects is None:
            return None
        self._keys = self._keys or keys_of(data[: end_of_element(data, 0, len(data))])
        self._at = skip(self._data, cut)
        return Piece(data, self._offset(start), self._next, objects)

    def _exact_piece(self) -> Piece | None:
        """Elements one by one; None if more must be read for the next one."""
        start = self._at
        elements: list[Element] = []
        objects: list[Any] = []
        while self._at < min(len(self._data), start + _PIECE_BYTES):
            found = None if elements and self._is_bracket() else self._element()
            if found is None:
                break
            element, decoded = found
            elements.append(Element(element.start - start, element.end - start, element.code))
            objects += decoded
            self._at = skip(self._data, element.end)
        if self._at == start:
            return None
        return Piece(self._data[start : self._at], self._offset(start), self._next, objects, elements)

    def _offset(self, at: int) -> int:
        """Where a place in the data is in the source. To be asked for in order."""
        self._byte_offset += self._length(self._data[self._measured : at])
        self._measured = at
        return self._byte_offset

    def _passes_bracket(self) -> bool:
        """Go past the beginning or end of the array; past all that follows the array in an object."""
        if self._is_lost or not self._is_bracket():
            return False
        self._at = skip(self._data, self._at + 1)
        self.is_open = not self.is_open
        if self.wrapper is not None and not self.is_open:
            self._drain()
        return True

    def _is_bracket(self) -> bool:
        return self._data[self._at : self._at + 1] == (b"]" if self.is_open else b"[")

    def _drain(self) -> None:
        while self._stream.read(_BLOCK_BYTES):
            pass
        self._at, self._is_last = len(self._data), True

    def _element(self) -> tuple[Element, list[Any]] | None:
        """The element at hand, and the object that it is; None if more must be read first."""
        start = self._at
        end = BROKEN if self._is_lost else end_of_element(self._data, start, len(self._data))
        can_wait = not self._is_last and len(self._data) - start < _MAX_ELEMENT_BYTES
        if end == UNFINISHED or (end == len(self._data) and self._data[start : start + 1] not in b"{["):
            if can_wait:
                return None
            end = end if end > 0 else BROKEN
        if end == BROKEN:
            return self._damage(start, can_wait=can_wait)
        text = self._data[start:end]
        objects = self._decode(text) if text.startswith(b"{") else None
        if objects is None:
            return Element(start, end, "not_an_object" if is_value(text) else "bad_json"), []
        self._keys = self._keys or keys_of(text)
        return Element(start, end), objects

    def _damage(self, start: int, *, can_wait: bool) -> tuple[Element, list[Any]] | None:
        """What lies before the next object that is whole and has keys like the others; else all that is there."""
        if self._is_lost and self._is_like_others(start):
            self._is_lost = False
            return self._element()
        for sibling in itertools.islice(_SIBLING.finditer(self._data, start + 1), _MAX_LOOKS):
            if self._is_like_others(sibling.end()):
                self._is_lost = False
                return Element(start, stripped(self._data, start, sibling.end()), "bad_json"), []
        if can_wait:
            return None
        self._is_lost = True
        return Element(start, stripped(self._data, start, len(self._data)), "bad_json"), []

    def _is_like_others(self, start: int) -> bool:
        """Whether a whole object stands here that shares a key with those before."""
        end = end_of_element(self._data, start, min(len(self._data), start + _MAX_LOOK_BYTES))
        keys = keys_of(self._data[start:end]) if end > 0 else set()
        return bool(keys & self._keys if self._keys else keys)


def _objects_in(data: bytes) -> Iterator[Element]:
    """Where the objects in some text lie that is known to hold nothing else."""
    start = skip(data, 0)
    while start < len(data):
        end = end_of_element(data, start, len(data))
        yield Element(start, end)
        start = skip(data, end)
