"""Delimiters and quotes of several bytes, read as one byte that the file does not use otherwise.

`||`, `, ` or `¦` become a control character on the way in, so that everything behind it deals with single bytes; in
cells and in raw text they are turned back. Where columns are only lined up, one is put in before each cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tasks.ingest.aligned import parted
from tasks.ingest.csv_blocks import MAX_LINE_BYTES
from tasks.ingest.csv_shape import CR, LF
from tasks.models import Dialect
from tasks.sources.readable import Readable

# Control characters that mean nothing in text files; the separators come first, as the most fitting.
_FREE = bytes([0x1F, 0x1E, 0x1D, 0x1C, *range(0x01, 0x08), *range(0x0E, 0x1B)])


class SignTakenError(Exception):
    """The file does use the byte that was to stand for a sign: it must be read again with another one."""

    def __init__(self, taken: bytes) -> None:
        super().__init__("a stand-in for a delimiter occurs in the file")
        self.taken = taken


class Signs(NamedTuple):
    """A dialect of single bytes, and what these stand for."""

    dialect: Dialect
    stand_ins: tuple[tuple[bytes, bytes], ...] = ()  # a byte, and what it is in the file's UTF-8, which may be nothing
    cuts: tuple[int, ...] = ()  # where columns that are lined up begin

    def reduced(self, data: bytes) -> bytes:
        """Bytes of the file with the stand-ins; whole lines, where columns are lined up."""
        if self.cuts:
            return parted(data, self.cuts, self._line_end, ord(self.dialect.delimiter))
        for byte, sign in self.stand_ins:
            data = data.replace(sign, byte)
        return data

    def unfinished(self, data: bytes) -> int:
        """How many of the last bytes can be told only with those that follow."""
        if self.cuts:
            size = len(data) - data.rfind(self._line_end) - 1
            return 0 if size > MAX_LINE_BYTES else size
        return max(_beginning(data, sign) for _, sign in self.stand_ins)

    @property
    def _line_end(self) -> int:
        return CR if self.dialect.line_end == "\r" else LF

    def restored(self, data: bytes) -> bytes:
        """Bytes with stand-ins as they were in the file."""
        for byte, sign in self.stand_ins:
            data = data.replace(byte, sign)
        return data


PLAIN_SIGNS = Signs(Dialect(delimiter=","))


def single_signs(dialect: Dialect, sample: bytes, taken: bytes = b"") -> Signs:
    """The dialect as one of single bytes.

    Args:
        dialect: as the file is written.
        sample: of the file, to see which bytes are free.
        taken: bytes known not to be free.
    """
    free = (bytes([byte]) for byte in _FREE if byte not in sample and byte not in taken)
    if dialect.cuts:
        byte = next(free)
        own = {"delimiter": byte.decode(), "quote": None, "escape": None, "cuts": ()}
        return Signs(dialect.model_copy(update=own), ((byte, b""),), dialect.cuts)
    found: dict[str, str] = {}
    stand_ins = []
    # The longest first: a delimiter may hold the quote, and never the other way round.
    for name, sign in sorted(_signs(dialect), key=lambda item: -len(item[1].encode())):
        if len(sign.encode()) > 1:
            byte = next(free)
            found[name] = byte.decode()
            stand_ins.append((byte, sign.encode()))
    return Signs(dialect.model_copy(update=found), tuple(stand_ins))


def _signs(dialect: Dialect) -> Iterator[tuple[str, str]]:
    for name in ("delimiter", "quote", "escape"):
        sign = getattr(dialect, name)
        if sign is not None:
            yield name, sign


class ReducedStream:
    """A UTF-8 stream with stand-ins for the signs of several bytes."""

    def __init__(self, stream: Readable, signs: Signs) -> None:
        self._stream = stream
        self._signs = signs
        self._rest = b""  # the last bytes, which may be the beginning of a sign

    def pieces(self, size: int) -> Iterator[bytes]:
        """The stream in pieces of about a size.

        Raises:
            SignTakenError: it holds a stand-in.
        """
        while piece := self._stream.read(size):
            if not self._signs.stand_ins:
                yield piece
                continue
            yield self._reduced(piece)
        if self._rest:
            yield self._signs.reduced(self._rest)

    def _reduced(self, piece: bytes) -> bytes:
        for byte, _ in self._signs.stand_ins:
            if byte in piece:
                raise SignTakenError(byte)
        whole = self._rest + piece
        held = self._signs.unfinished(whole)
        self._rest = whole[len(whole) - held :]
        return self._signs.reduced(whole[: len(whole) - held])


def _beginning(data: bytes, sign: bytes) -> int:
    """How many of the last bytes may be a sign's first ones."""
    return max((size for size in range(1, len(sign)) if data.endswith(sign[:size])), default=0)
