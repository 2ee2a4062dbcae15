"""From the UTF-8 that is parsed back to the bytes of the file: what a record was there, and where."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from tasks.ingest.csv_blocks import Block
from tasks.ingest.csv_signs import PLAIN_SIGNS, Signs
from tasks.ingest.encoding import Encoding
from tasks.ingest.letters import Letter
from tasks.ingest.utf8_stream import original_bytes


class Origin:
    """Where the blocks of a transcoded file came from."""

    def __init__(self, encoding: Encoding, signs: Signs = PLAIN_SIGNS) -> None:
        self._encoding = encoding
        self._signs = signs
        self._is_same = encoding.is_utf8 and not signs.stand_ins
        self._has_one_byte_letters = _has_one_byte_letters(encoding.name)

    def length(self, text: bytes) -> int:
        """How many bytes a stretch of the UTF-8 stream was in the file."""
        text = self._signs.restored(text)
        if self._encoding.is_utf8 or (text.isascii() and self._encoding.letter_bytes == 1):
            return len(text)
        if self._has_one_byte_letters:
            array = np.frombuffer(text, np.uint8)
            return len(array) - int(np.count_nonzero((array & 0xC0) == 0x80))
        return len(original_bytes(text, self._encoding))

    def placed(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks with their offsets in the file, given the first one with its own."""
        offset = None
        for block in blocks:
            offset = block.offset if offset is None else offset
            yield replace(block, offset=offset)
            offset += self.length(block.data)

    def restored(self, letters: list[Letter], block: Block) -> list[Letter]:
        """A block's letters, in the file's order, with the offsets and bytes of the file instead of its UTF-8."""
        if self._is_same:
            return letters
        done, start, offset = [], 0, block.offset
        for letter in letters:
            place = (letter.byte_offset or 0) - block.offset
            offset += self.length(block.data[start:place])
            start = place
            raw = original_bytes(self._signs.restored(letter.raw or b""), self._encoding)
            done.append(letter._replace(byte_offset=offset, raw=raw))
        return done


def _has_one_byte_letters(name: str) -> bool:
    """Whether every byte of an encoding is a letter of its own."""
    try:
        return (
            codecs.lookup(name).name not in ("utf-8", "utf-7") and len(bytes(range(256)).decode(name, "replace")) == 256
        )
    except (LookupError, UnicodeError):
        return False
