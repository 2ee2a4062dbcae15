"""Opening a source: the bytes in it, whatever it is packed in, held to be those that were fingerprinted."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from tasks.models import SourceRef
from tasks.sources.addresses import split_member
from tasks.sources.archives import ZIP_MAGIC, MemberStream, member_of, members, why_no_members
from tasks.sources.decompression import HEAD_BYTES, codec_name, expand
from tasks.sources.fingerprints import verify
from tasks.sources.stored import LocalFile, PlainStream, RemoteFile, changed_while_read, open_stored, pieces, spool

_COPY_BYTES = 1 << 20


def open_source(source: SourceRef) -> BinaryIO:
    """A source's bytes, unpacked: gzip, zstd, bz2, xz and zip members, told by their first bytes.

    Args:
        source: what `fingerprint` returned.

    Raises:
        SourceError: now or while reading; its codes: `unreadable`, `changed_while_read`, `truncated_archive`,
            `bad_checksum`, `damaged_archive`, `encrypted_archive`, `empty_archive`, `unsupported_format`, `too_large`.
        ConnectionError: a remote file cannot be had just now.
    """
    stored, plain = _as_stored(source)
    try:
        opened = expand(plain, source.max_unpacked_bytes, stored.check)
    except BaseException:
        stored.close()
        raise
    return cast("BinaryIO", opened)


def packing(source: SourceRef) -> str:
    """What a source is packed in: `gzip`, `zstd`, `xz` or `bz2`; an empty text where it is not.

    Raises:
        SourceError, ConnectionError: as `open_source`.
    """
    stored, plain = _as_stored(source)
    with closing(stored):
        return codec_name(plain.read(HEAD_BYTES) or b"")


@contextmanager
def open_as_path(source: SourceRef) -> Iterator[Path]:
    """A local file with a source's bytes, for readers that go back and forth: itself, or else a temporary copy.

    Raises:
        SourceError, ConnectionError: as `open_source`; also at the end, if the file changed meanwhile.
    """
    with open_source(source) as stream:
        if isinstance(stream, io.BufferedReader) and isinstance(stream.raw, PlainStream) and stream.raw.path:
            yield Path(stream.raw.path)
            stream.raw.check()
            return
        with tempfile.NamedTemporaryFile(prefix="sluice-") as copy:
            shutil.copyfileobj(stream, copy, _COPY_BYTES)
            copy.flush()
            yield Path(copy.name)


def _as_stored(source: SourceRef) -> tuple[LocalFile | RemoteFile, io.RawIOBase]:
    """What holds a source, and its bytes as they are in there."""
    stored, member = _stored(source)
    try:
        return stored, _whole(stored, source) if member is None else _member(stored, source, member)
    except BaseException:
        stored.close()
        raise


def _stored(source: SourceRef) -> tuple[LocalFile | RemoteFile, str | None]:
    """The file that a source is or is in, and its name in there."""
    if source.copy_path is None or not Path(source.copy_path).exists():
        uri, member = split_member(source.uri)
        return open_stored(uri), member
    with Path(source.copy_path).open("rb") as copy:
        member = member_of(copy, source.uri)
    uri = source.uri if member is None else source.uri.removesuffix(f"!{member}")
    return LocalFile(uri, source.copy_path), member


def _whole(stored: LocalFile | RemoteFile, source: SourceRef) -> io.RawIOBase:
    if isinstance(stored, RemoteFile):
        stored.digest_expected = source.digest
        return PlainStream(stored)
    verify(stored, source.uri, source.digest)
    is_zip = stored.file.read(4) in ZIP_MAGIC
    stored.file.seek(0)
    if is_zip:
        raise why_no_members(cast("BinaryIO", stored.file))
    return PlainStream(stored, stored.path)


def _member(stored: LocalFile | RemoteFile, source: SourceRef, member: str) -> io.RawIOBase:
    if isinstance(stored, LocalFile):
        verify(stored, source.uri, source.digest)
        return MemberStream(cast("BinaryIO", stored.file), member, stored, source.max_unpacked_bytes)
    archive = spool(pieces(stored))
    if not any(one.uri == source.uri and one.digest == source.digest for one in members(archive, stored.uri)):
        archive.close()
        raise changed_while_read()
    return MemberStream(archive, member, stored, source.max_unpacked_bytes)
