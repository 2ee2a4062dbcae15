"""Zip archives: each member is a source of its own."""

from __future__ import annotations

import hashlib
import io
import lzma
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO

from tasks.models import SourceRef
from tasks.sources.decompression import TOO_LARGE
from tasks.sources.errors import SourceError
from tasks.sources.stored import Stored

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_MAX_MEMBERS = 10_000
_PIECE_BYTES = 1 << 20
_LOCAL_HEADER = struct.Struct("<26xHH")  # lengths of the name and of the extra field, at the end of 30 bytes


def members(archive: BinaryIO, uri: str) -> tuple[SourceRef, ...]:
    """The files in a zip archive; nothing if it has none that could be a data file, or too many.

    A member's digest is that of its bytes as they are stored, so an archive that gains a member changes no other.

    Raises:
        SourceError: `damaged_archive`.
    """
    with _faults(), zipfile.ZipFile(archive) as opened:
        wanted = sorted((info for info in opened.infolist() if _is_data(info)), key=lambda info: info.filename)
        if len(wanted) > _MAX_MEMBERS or _is_document(opened):
            return ()
        return tuple(
            SourceRef(uri=f"{uri}!{info.filename}", digest=_digest(archive, info), size_bytes=info.compress_size)
            for info in wanted
        )


def member_of(file: BinaryIO, uri: str) -> str | None:
    """The name in a zip archive that an address ends with, after an exclamation mark; None if there is none."""
    if file.read(4) not in ZIP_MAGIC:
        return None
    with _faults(), zipfile.ZipFile(file) as opened:
        names = set(opened.namelist())
    return next((uri[at + 1 :] for at, sign in enumerate(uri) if sign == "!" and uri[at + 1 :] in names), None)


def why_no_members(archive: BinaryIO) -> SourceError:
    """Why a zip archive as a whole is not something to read."""
    try:
        with _faults(), zipfile.ZipFile(archive) as opened:
            if _is_document(opened):
                return SourceError("unsupported_format", "it is an office document or a program; save it as CSV")
            if any(_is_data(info) for info in opened.infolist()):
                return SourceError("too_large", f"the archive holds more than {_MAX_MEMBERS} files; split it")
            return SourceError("empty_archive", "the archive holds no files")
    except SourceError as error:
        return error


class MemberStream(io.RawIOBase):
    """A member of a zip archive, decompressed; zipfile compares its checksum at the end."""

    def __init__(self, archive: BinaryIO, name: str, stored: Stored, max_bytes: int | None) -> None:
        self._archive, self._stored = archive, stored
        self._bytes_left = sys.maxsize if max_bytes is None else max_bytes
        with _faults():
            self._opened = zipfile.ZipFile(archive)
            self._member = self._opened.open(name)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # io says buffer, and means a writable one
        """Fill the buffer; 0 at the end of the member."""
        try:
            with _faults():
                piece = self._member.read(min(len(buffer), _PIECE_BYTES))
        except SourceError:
            self._stored.check()  # a file that is being written to is not damaged: it is not finished
            raise
        self._bytes_left -= len(piece)
        if self._bytes_left < 0:
            raise SourceError("too_large", TOO_LARGE)
        if not piece:
            self._stored.check()
        memoryview(buffer)[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Let go of the archive."""
        if not self.closed:
            self._member.close()
            self._opened.close()
            self._archive.close()
            self._stored.close()
        super().close()


@contextmanager
def _faults() -> Iterator[None]:
    """What zipfile raises, as what it means."""
    try:
        yield
    except zipfile.BadZipFile as error:
        code = "bad_checksum" if "CRC" in str(error) else "damaged_archive"
        raise SourceError(code, "the zip archive is damaged; have it sent again") from error
    except EOFError as error:
        raise SourceError("truncated_archive", "the zip archive ends too early; have it sent again") from error
    except NotImplementedError as error:
        raise SourceError("unsupported_format", f"the zip archive cannot be unpacked: {error}") from error
    except RuntimeError as error:
        raise SourceError("encrypted_archive", "the zip archive asks for a password; unpack it first") from error
    except (zlib.error, lzma.LZMAError, struct.error, KeyError, ValueError, OSError) as error:
        raise SourceError("damaged_archive", "the zip archive is damaged; have it sent again") from error


def _is_data(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a file that is not hidden; `../a.csv` is none that would be, and nothing is ever unpacked."""
    parts = [part for part in PurePosixPath(info.filename).parts if part != ".."]
    return not info.is_dir() and not any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _is_document(opened: zipfile.ZipFile) -> bool:
    """Whether it is an .xlsx, .docx, .ods, .jar: zip archives too, but of no data files."""
    first_names = {"[Content_Types].xml", "META-INF/MANIFEST.MF", "META-INF/manifest.xml"}
    return not first_names.isdisjoint(opened.namelist())


def _digest(archive: BinaryIO, info: zipfile.ZipInfo) -> str:
    archive.seek(info.header_offset)
    name_bytes, extra_bytes = _LOCAL_HEADER.unpack(archive.read(_LOCAL_HEADER.size))
    archive.seek(name_bytes + extra_bytes, io.SEEK_CUR)
    digest = hashlib.sha256()
    left = info.compress_size
    while left and (piece := archive.read(min(left, _PIECE_BYTES))):
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest()
