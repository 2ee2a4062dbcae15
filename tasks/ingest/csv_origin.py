"""From the UTF-8 that is parsed back to the bytes of the file: what a record was there, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import polars as pl

from tasks.ingest.csv_blocks import Block
from tasks.ingest.csv_lines import Places
from tasks.ingest.csv_signs import PLAIN_SIGNS, Signs
from tasks.ingest.encoding import Encoding
from tasks.ingest.letters import FOUND, Letter, as_columns, as_letters
from tasks.sources.original_bytes import OriginalBytes


def letters_at(block: Block, places: Places, counts: Places, codes: Sequence[str]) -> pl.DataFrame:
    """Some lines of a block as `letters.FOUND`.

    Args:
        block: where they are.
        places: the first line of each letter, counted in the block from 0.
        counts: how many lines it has.
        codes: why.
    """
    starts, ends = block.bounds.starts[places], block.bounds.ends[places + counts - 1]
    raw = [block.data[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    line = places + block.line
    return pl.DataFrame([line, line + counts - 1, starts + block.offset, raw, codes], schema=FOUND)


class Origin:
    """Where the blocks of a transcoded file came from."""

    def __init__(self, encoding: Encoding, signs: Signs = PLAIN_SIGNS) -> None:
        self._bytes = OriginalBytes(encoding.name)
        self._signs = signs
        self._is_same = encoding.is_utf8 and not signs.stand_ins

    def length(self, text: bytes) -> int:
        """How many bytes a stretch of the UTF-8 stream was in the file."""
        return self._bytes.length(self._signs.restored(text))

    def placed(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks with their offsets in the file, given the first one with its own."""
        offset = None
        for block in blocks:
            offset = block.offset if offset is None else offset
            yield replace(block, offset=offset)
            offset += self.length(block.data)

    def restored_columns(self, found: pl.DataFrame, block: Block) -> pl.DataFrame:
        """A block's letters (`letters.FOUND`) with the offsets and bytes of the file instead of its UTF-8."""
        return found if self._is_same else as_columns(self.restored(as_letters(found), block))

    def restored(self, letters: list[Letter], block: Block) -> list[Letter]:
        """A block's letters, in the file's order, with the offsets and bytes of the file instead of its UTF-8."""
        if self._is_same:
            return letters
        done, start, offset = [], 0, block.offset
        for letter in letters:
            place = (letter.byte_offset or 0) - block.offset
            offset += self.length(block.data[start:place])
            start = place
            raw = self._bytes.of(self._signs.restored(letter.raw or b""))
            done.append(letter._replace(byte_offset=offset, raw=raw))
        return done
