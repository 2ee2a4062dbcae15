"""A JSON array: one object a record. An element that is none, or is broken, is one dead letter."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import polars as pl

from tasks.dead_letters.letter import LINE
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.encoding import UTF_8, Encoding
from tasks.ingest.faults import FileError
from tasks.ingest.json_rows import JsonRows, why_no_object
from tasks.ingest.letters import Letter
from tasks.ingest.utf8_stream import Utf8Stream
from tasks.models import Finding
from tasks.sources.json_elements import Element, JsonArray, NotJsonError, Piece
from tasks.sources.original_bytes import OriginalBytes
from tasks.sources.readable import Readable

_BLOCK_BYTES = 8 << 20
_BLOCK_RECORDS = 200_000  # where each is only a few bytes, and perhaps a dead letter
_MANY = 1000  # elements, not to take a damaged one for all


class JsonArrayReader:
    """The records of a JSON array, or of what comes near it (`tasks.sources.json_elements`)."""

    def __init__(
        self, text: Readable, rows: JsonRows, encoding: Encoding = UTF_8, reopen: Callable[[], Utf8Stream] | None = None
    ) -> None:
        """Prepare to read.

        Args:
            text: UTF-8, without byte order mark.
            rows: takes in the objects, and knows their keys afterwards. A block has the columns known by then.
            encoding: of the source, for the bytes and offsets of dead letters.
            reopen: gives the text once more from its start, to look ahead for objects where it begins with very many
                other values; without it these are read whatever comes after them.
        """
        self._reopen = reopen
        self._bytes = OriginalBytes(encoding.name)
        self._array = JsonArray(text, rows.array, self._bytes.length)
        self._rows = rows
        self._bom_bytes = encoding.bom_bytes

    def blocks(self) -> Iterator[RecordBlock]:
        """Read the records.

        Raises:
            FileError: `not_json`; `wrong_schema` for a long array that holds no object at all.
        """
        try:
            for pieces in _gathered(self._array.pieces()):
                if pieces[0].first == 1 and _are_many_without_objects(pieces) and not self._has_objects():
                    raise FileError("wrong_schema", "the array holds no objects, but very many other values")
                yield self._block(pieces)
        except NotJsonError:
            raise FileError("not_json", "the file begins with neither an array nor an object of JSON") from None

    def findings(self) -> list[Finding]:
        """What is worth saying of it once it is read."""
        found = []
        if self._array.wrapper is not None:
            message = f"the records are the array in the key {self._array.wrapper!r}; what else there is was left out"
            found.append(Finding(code="wrapped_array", message=message))
        if self._array.is_open:
            found.append(Finding(code="cut_off", message="the array is not closed: the file was cut off"))
        return found

    def _has_objects(self) -> bool:
        """Whether an object begins anywhere, as far as a glance tells."""
        if self._reopen is None:
            return True
        with closing(self._reopen()) as text:
            return any(b"{" in some for some in iter(lambda: text.read(_BLOCK_BYTES), b""))

    def _block(self, pieces: list[Piece]) -> RecordBlock:
        dead: list[Letter] = []
        good: list[int] = []
        for piece in pieces:
            self._rows.add(piece.objects, piece.data)
            numbers = range(piece.first, piece.first + piece.records)
            if piece.located is None:
                good += numbers
                continue
            bad = [one for one in zip(numbers, piece.located, strict=True) if one[1].code is not None]
            good += (number for number, element in zip(numbers, piece.located, strict=True) if element.code is None)
            codes = (why_no_object(piece.data[element.start : element.end]) for _, element in bad)
            dead += self._letters(piece, bad, codes)
        records = self._rows.take(good, lambda: _texts(pieces))
        return RecordBlock(records, dead, 0, lambda chosen: self._locate(pieces, chosen))

    def _locate(self, pieces: list[Piece], records: pl.DataFrame) -> list[Letter]:
        letters: list[Letter] = []
        wanted = sorted(records[LINE].to_list())
        for piece in pieces:
            here = wanted[bisect_left(wanted, piece.first) : bisect_left(wanted, piece.first + piece.records)]
            elements = piece.elements() if here else []
            found = [(number, elements[number - piece.first]) for number in here]
            letters += self._letters(piece, found, itertools.repeat(""))
        return letters

    def _letters(self, piece: Piece, found: list[tuple[int, Element]], codes: Iterable[str]) -> Iterator[Letter]:
        """Some elements of a piece as they are in the source, in order."""
        at, measured = self._bom_bytes + piece.byte_offset, 0
        for (number, element), code in zip(found, codes, strict=False):
            at += self._bytes.length(piece.data[measured : element.start])
            measured = element.start
            yield Letter(number, number, at, self._bytes.of(piece.data[element.start : element.end]), code)


def _gathered(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Pieces in blocks, large enough for columns to be worth while."""
    held: list[Piece] = []
    held_bytes = held_records = 0
    for piece in pieces:
        held.append(piece)
        held_bytes += len(piece.data)
        held_records += piece.records
        if held_bytes >= _BLOCK_BYTES or held_records >= _BLOCK_RECORDS:
            yield held
            held, held_bytes, held_records = [], 0, 0
    if held:
        yield held


def _are_many_without_objects(pieces: list[Piece]) -> bool:
    """Whether a whole block holds nothing but other values: to write each of millions down would take minutes."""
    records = sum(piece.records for piece in pieces)
    is_full = records >= _BLOCK_RECORDS or sum(len(piece.data) for piece in pieces) >= _BLOCK_BYTES
    return is_full and records >= _MANY and not any(piece.objects for piece in pieces)


def _texts(pieces: list[Piece]) -> Iterator[bytes]:
    for piece in pieces:
        yield from (piece.data[one.start : one.end] for one in piece.elements() if one.code is None)
