"""A JSON array: one object a record. An element that is none, or is broken, is one dead letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from tasks.dead_letters.letter import LINE
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.encoding import UTF_8, Encoding
from tasks.ingest.faults import FileError
from tasks.ingest.json_rows import JsonRows, why_no_object
from tasks.ingest.letters import Letter
from tasks.models import Finding
from tasks.sources.json_elements import Element, JsonArray, NotJsonError, Piece
from tasks.sources.original_bytes import OriginalBytes
from tasks.sources.readable import Readable

_BLOCK_BYTES = 8 << 20
_BLOCK_RECORDS = 200_000  # where each is only a few bytes, and perhaps a dead letter
_MANY = 1000  # elements, not to take a damaged one for all


class JsonArrayReader:
    """The records of a JSON array, or of what comes near it (`tasks.sources.json_elements`)."""

    def __init__(self, text: Readable, rows: JsonRows, encoding: Encoding = UTF_8) -> None:
        """Prepare to read.

        Args:
            text: UTF-8, without byte order mark.
            rows: takes in the objects, and knows their keys afterwards. A block has the columns known by then.
            encoding: of the source, for the bytes and offsets of dead letters.
        """
        self._bytes = OriginalBytes(encoding.name)
        self._array = JsonArray(text, rows.array, self._bytes.length)
        self._rows = rows
        self._bom_bytes = encoding.bom_bytes

    def blocks(self) -> Iterator[RecordBlock]:
        """Read the records.

        Raises:
            FileError: `not_json`; `wrong_schema` for a long array of anything but objects.
        """
        try:
            for pieces in _gathered(self._array.pieces()):
                if pieces[0].first == 1 and _has_no_objects(pieces):
                    raise FileError("wrong_schema", "the array holds no objects: it begins with very many other values")
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

    def _block(self, pieces: list[Piece]) -> RecordBlock:
        dead: list[Letter] = []
        good: list[int] = []
        for piece in pieces:
            self._rows.add(piece.objects, piece.data)
            if piece.located is None:
                good += range(piece.first, piece.first + piece.records)
                continue
            for number, element in enumerate(piece.located, piece.first):
                if element.code is None:
                    good.append(number)
                else:
                    code = why_no_object(piece.data[element.start : element.end])
                    dead.append(self._letter(piece, number, element, code))
        records = self._rows.take(good, lambda: _texts(pieces))
        return RecordBlock(records, dead, 0, lambda chosen: self._locate(pieces, chosen))

    def _locate(self, pieces: list[Piece], records: pl.DataFrame) -> list[Letter]:
        letters = []
        numbers = iter(sorted(records[LINE].to_list()))
        number = next(numbers, None)
        for piece in pieces:
            elements = piece.elements() if number is not None and number < piece.first + piece.records else []
            while number is not None and number < piece.first + piece.records:
                letters.append(self._letter(piece, number, elements[number - piece.first], ""))
                number = next(numbers, None)
        return letters

    def _letter(self, piece: Piece, number: int, element: Element, code: str) -> Letter:
        at = self._bom_bytes + piece.byte_offset + self._bytes.length(piece.data[: element.start])
        raw = self._bytes.of(piece.data[element.start : element.end])
        return Letter(number, number, at, raw, code)


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


def _has_no_objects(pieces: list[Piece]) -> bool:
    """Whether a whole block holds nothing but other values: to write each of millions down would take minutes."""
    records = sum(piece.records for piece in pieces)
    is_full = records >= _BLOCK_RECORDS or sum(len(piece.data) for piece in pieces) >= _BLOCK_BYTES
    return is_full and records >= _MANY and not any(piece.objects for piece in pieces)


def _texts(pieces: list[Piece]) -> Iterator[bytes]:
    for piece in pieces:
        yield from (piece.data[one.start : one.end] for one in piece.elements() if one.code is None)
