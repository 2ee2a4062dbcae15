"""Compressed streams, known by their first bytes and not by their names; with a limit on what they may become."""

from __future__ import annotations

import bz2
import codecs
import io
import lzma
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from isal import igzip_lib

from tasks.sources.errors import SourceError

if sys.version_info >= (3, 14):
    from compression import zstd as zstd  # noqa: PLC0414 - handed on
else:
    from backports import zstd as zstd  # noqa: PLC0414 - handed on

HEAD_BYTES = 512  # enough for every signature; a tar archive has its own at 257
_PIECE_BYTES = 1 << 18
_MAX_LAYERS = 3
TOO_LARGE = "it becomes larger than `unpacking` in the settings allows; raise that if the file is right"


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Codec(NamedTuple):
    signature: bytes
    new_decoder: Callable[[], _Decoder]
    fault: type[Exception]


def _gzip() -> _Decoder:
    decoder: _Decoder = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    return decoder


_GZIP_FAULT: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]  # its stub gives an instance
_CODECS = (
    _Codec(b"\x1f\x8b\x08", _gzip, _GZIP_FAULT),
    _Codec(b"\x28\xb5\x2f\xfd", zstd.ZstdDecompressor, zstd.ZstdError),
    _Codec(b"\xfd7zXZ\x00", lzma.LZMADecompressor, lzma.LZMAError),
    *(_Codec(b"BZh%d1AY&SY" % level, bz2.BZ2Decompressor, OSError) for level in range(1, 10)),
    *(_Codec(b"BZh%d\x17rE8P\x90" % level, bz2.BZ2Decompressor, OSError) for level in range(1, 10)),  # an empty one
)

_UNSUPPORTED = {
    b"\x1f\x9d": "it is packed with compress (.Z)",
    b"\x04\x22\x4d\x18": "it is packed with lz4",
    b"7z\xbc\xaf\x27\x1c": "it is a 7-Zip archive",
    b"Rar!\x1a\x07": "it is a RAR archive",
    b"PK\x03\x04": "it is a zip archive within another file",
    b"%PDF-": "it is a PDF",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "it is an old office document",
    b"SQLite format 3\x00": "it is an SQLite database",
    b"Obj\x01": "it is an Avro file",
    b"ARROW1\x00\x00": "it is an Arrow file",
    b"\x7fELF": "it is a program",
    b"\x89PNG\r\n": "it is a picture",
}
_MARKUP = (b"<?xml", b"<!doctype html", b"<html", b"<table")  # programs save web pages as .xls


def codec_name(head: bytes) -> str:
    """What a stream that begins like this is packed with; an empty text where it is not."""
    signatures = ((b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\xfd7zXZ\x00", "xz"), (b"BZh", "bz2"))
    if not any(head.startswith(codec.signature) for codec in _CODECS):
        return ""
    return next(name for signature, name in signatures if head.startswith(signature))


def expand(stream: io.RawIOBase, allowed_bytes: int | None, check: Callable[[], None]) -> io.BufferedReader[Any]:
    """A stream without its compression, however many layers of it (three at most).

    Args:
        stream: as it is stored; closed with what is returned.
        allowed_bytes: how much it may become; None: without a limit.
        check: raises if the source changed; asked before a fault is put down to the data.

    Raises:
        SourceError: `unsupported_format`; while reading: `truncated_archive`, `bad_checksum`, `damaged_archive`,
            `too_large`, `changed_while_read`.
    """
    reader: io.BufferedReader[Any] = io.BufferedReader(stream, _PIECE_BYTES)
    for _ in range(_MAX_LAYERS + 1):
        head = reader.peek(HEAD_BYTES)[:HEAD_BYTES]
        codec = next((codec for codec in _CODECS if head.startswith(codec.signature)), None)
        if codec is None:
            _refuse_unsupported(head)
            return reader
        reader = io.BufferedReader(_Expanded(reader, codec, allowed_bytes, check), _PIECE_BYTES)
    raise SourceError("too_large", f"it is compressed more than {_MAX_LAYERS} times over")


def _refuse_unsupported(head: bytes) -> None:
    for signature, what in _UNSUPPORTED.items():
        if head.startswith(signature):
            raise SourceError("unsupported_format", f"{what}; unpack it, or save it as CSV, JSON or Parquet")
    if head.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_MARKUP):
        raise SourceError("unsupported_format", "it is XML or a web page; save it as CSV, JSON or Parquet")
    if head[257:262] == b"ustar":
        raise SourceError("unsupported_format", "it is a tar archive; unpack it")


class _Expanded(io.RawIOBase):
    """One layer of compression taken off. Several compressed files one after another are one stream."""

    def __init__(
        self, packed: io.BufferedReader[Any], codec: _Codec, allowed_bytes: int | None, check: Callable[[], None]
    ) -> None:
        self._packed, self._codec, self._check = packed, codec, check
        self._allowed_bytes = sys.maxsize if allowed_bytes is None else allowed_bytes
        self._decoder = codec.new_decoder()
        self._waiting = b""  # packed bytes the decoder has not been given

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # io says buffer, and means a writable one
        """Fill the buffer; 0 at the end of the stream."""
        view = memoryview(buffer)
        while True:
            if self._decoder.eof and not self._begin_next():
                return 0
            piece = self._expand(len(view))
            if piece:
                view[: len(piece)] = piece
                return len(piece)

    def _expand(self, wanted_bytes: int) -> bytes:
        if self._decoder.needs_input and not self._waiting:
            self._waiting = self._packed.read1(_PIECE_BYTES)
            if not self._waiting:
                raise self._fault("truncated_archive", "the compressed file ends too early; have it sent again")
        try:
            piece = self._decoder.decompress(self._waiting, wanted_bytes)
        except self._codec.fault as error:
            is_checksum = "check" in str(error).lower()
            code = "bad_checksum" if is_checksum else "damaged_archive"
            raise self._fault(code, "the compressed file is damaged; have it sent again") from error
        self._waiting = b""
        self._allowed_bytes -= len(piece)
        if self._allowed_bytes < 0:
            raise SourceError("too_large", TOO_LARGE)
        return piece

    def _begin_next(self) -> bool:
        """Go on to the next compressed file in the stream, past the zeros that some writers pad with."""
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest:
            piece = self._packed.read1(_PIECE_BYTES)
            if not piece:
                return False
            rest = piece.lstrip(b"\0")
        rest += self._packed.read(len(self._codec.signature)) if len(rest) < len(self._codec.signature) else b""
        if not rest.startswith(self._codec.signature[:3]):
            raise self._fault("damaged_archive", "something else follows the compressed data; have it sent again")
        self._decoder, self._waiting = self._codec.new_decoder(), rest
        return True

    def _fault(self, code: str, message: str) -> SourceError:
        self._check()  # a file that is being written to is not damaged: it is not finished
        return SourceError(code, message)

    def close(self) -> None:
        """Let go of the packed stream."""
        if not self.closed:
            self._packed.close()
        super().close()
