"""NDJSON: one object a line. A line that is none is one dead letter, and the others stay what they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.dead_letters.letter import LINE
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.csv_blocks import Block, cut_blocks
from tasks.ingest.csv_origin import Origin
from tasks.ingest.encoding import UTF_8, Encoding
from tasks.ingest.json_rows import JsonRows
from tasks.ingest.letters import Letter
from tasks.ingest.utf8_stream import MARK_BYTES
from tasks.sources.readable import Readable

_BLOCK_BYTES = 8 << 20
_CHUNK_BYTES = 128 << 10  # so many objects at a time stay in the processor's cache
_PARTS, _FEW_LINES = 8, 12
_EVEN_BYTES, _EVEN_LINES = 1 << 21, 500  # below, columns one by one cost more than they save
_LF, _BRACE, _CLOSING_BRACE = b"\n{}"


def read_ndjson(text: Readable, rows: JsonRows, encoding: Encoding = UTF_8) -> Iterator[RecordBlock]:
    """Read the records of an NDJSON file.

    Args:
        text: UTF-8, without byte order mark.
        rows: takes in the objects, and knows their keys afterwards. A block has the columns known by then.
        encoding: of the source, for the bytes and offsets of dead letters.

    Raises:
        FileError: `line_too_long`.
    """
    pieces = iter(lambda: text.read(_BLOCK_BYTES), b"")
    origin = Origin(encoding)
    blocks = cut_blocks(pieces, line_end=_LF, quote=None, offset=encoding.bom_bytes, block_bytes=_BLOCK_BYTES)
    for block in origin.placed(blocks):
        yield _Lines(block, origin).read(rows)


class _Lines:
    """The lines of a block, and where they are."""

    def __init__(self, block: Block, origin: Origin) -> None:
        self._block, self._origin = block, origin
        self._starts, self._stops = block.bounds
        self._good: list[npt.NDArray[np.int64]] = []
        self._dead: list[Letter] = []
        self._blank = 0

    @cached_property
    def _is_object_like(self) -> npt.NDArray[np.bool_]:
        letters = np.frombuffer(self._block.data, np.uint8)
        last = np.maximum(self._stops - 1, self._starts)
        is_like: npt.NDArray[np.bool_] = (letters[self._starts] == _BRACE) & (letters[last] == _CLOSING_BRACE)
        return is_like

    def read(self, rows: JsonRows) -> RecordBlock:
        """Read them all."""
        for first, after in self._parts(0, len(self._starts), _EVEN_BYTES):
            if after - first < _EVEN_LINES or not self._read_even(first, after, rows):
                for part in self._parts(first, after, _CHUNK_BYTES):
                    self._read_chunk(*part, rows)
        places = np.concatenate([np.arange(0), *self._good])
        records = rows.take(places + self._block.line, lambda: map(self._line, places.tolist()))
        if (np.diff(places) < 0).any():
            records = records.sort(LINE)
        return RecordBlock(records, self._origin.restored(self._dead, self._block), self._blank, self._locate)

    def _parts(self, first: int, after: int, size: int) -> Iterator[tuple[int, int]]:
        """Some lines in parts of about so many bytes."""
        bounds = np.arange(self._starts[first], self._stops[after - 1], size)[1:]
        inner = np.searchsorted(self._starts[first:after], bounds) + first
        return itertools.pairwise(sorted({first, *inner.tolist(), after}))

    def _read_even(self, first: int, after: int, rows: JsonRows) -> bool:
        """Read lines that are nearly all written alike, the others one by one; whether they are."""
        are_even = rows.add_even(self._block.data, self._starts[first:after], self._stops[first:after])
        if are_even is None:
            return False
        self._good.append(np.flatnonzero(are_even) + first)
        self._read_each((np.flatnonzero(~are_even) + first).tolist(), rows)
        return True

    def _read_chunk(self, first: int, after: int, rows: JsonRows) -> None:
        """Read some lines at once; where that fails fewer, and at last one by one.

        Between a brace that ends a line and one that begins the next no JSON value goes on, so each line of a clean
        chunk has one object at least; and if there are as many as lines, it has one.
        """
        if self._is_object_like[first:after].all():
            text = self._block.data[self._starts[first] : self._stops[after - 1]]
            objects = rows.lines(text)
            if objects is not None and len(objects) == after - first:
                rows.add(objects, text)
                self._good.append(np.arange(first, after))
                return
        step = max(_FEW_LINES, (after - first) // _PARTS)
        if after - first <= step:
            self._read_each(range(first, after), rows)
            return
        for part in range(first, after, step):
            self._read_chunk(part, min(part + step, after), rows)

    def _read_each(self, places: Iterable[int], rows: JsonRows) -> None:
        objects, texts, good = [], [], []
        for place in places:
            text = self._line(place)
            one = rows.one(text)
            if not isinstance(one, str):
                objects.append(one)
                texts.append(text)
                good.append(place)
            elif text.strip():
                self._dead.append(self._letter(place, one))
            else:
                self._blank += 1
        rows.add(objects, b"\n".join(texts))
        self._good.append(np.array(good, np.int64))

    def _line(self, place: int) -> bytes:
        return self._raw(place).removeprefix(MARK_BYTES)

    def _raw(self, place: int) -> bytes:
        return self._block.data[self._starts[place] : self._stops[place]]

    def _letter(self, place: int, code: str) -> Letter:
        line = self._block.line + place
        return Letter(line, line, self._block.offset + int(self._starts[place]), self._raw(place), code)

    def _locate(self, records: pl.DataFrame) -> list[Letter]:
        letters = [self._letter(line - self._block.line, "") for line in records[LINE].to_list()]
        return self._origin.restored(letters, self._block)
