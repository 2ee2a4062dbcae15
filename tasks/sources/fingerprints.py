"""What a source is: the sha256 of its bytes as they are stored."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import BinaryIO, cast

from tasks.artifacts import ArtifactStore
from tasks.models import SourceRef, UnpackLimits
from tasks.sources.addresses import is_remote
from tasks.sources.archives import ZIP_MAGIC, members
from tasks.sources.errors import SourceError
from tasks.sources.stamps import hashed_before, is_settled, note_hashed
from tasks.sources.stored import LocalFile, RemoteFile, Stamp, changed_while_read, open_stored, pieces, spool

COPY_SUFFIX = ".source"
_PIECE_BYTES = 8 << 20  # so much that another thread is seldom waited for, before the next one
_DEFAULT_LIMITS = UnpackLimits()

# What this process has hashed: a file whose stamp is still the same need not be hashed again when it is opened.
_seen: dict[str, tuple[Stamp, str]] = {}

_hashing = Lock()  # so that whoever asks for a file while it is hashed finds it noted


def fingerprint(
    uri: str,
    *,
    store: ArtifactStore | None = None,
    limits: UnpackLimits = _DEFAULT_LIMITS,
    notes: ArtifactStore | None = None,
) -> tuple[SourceRef, ...]:
    """The source at an address, or one for each member of a zip archive (`uri!member`).

    A file that cannot be opened, or an archive that cannot be listed, is a source as well: `open_source` then says
    what is wrong with it, so that it becomes a dead letter and the other files go on.

    Args:
        uri: a path or address.
        store: where a remote file is kept, so that it is fetched once; without, it is fetched whenever it is opened.
        limits: how large it may become when it is unpacked.
        notes: where it is written down which local files were hashed, so that a file that has not been touched since
            is not hashed again; without, every file is.

    Raises:
        ConnectionError: a remote file cannot be had just now.
    """
    try:
        found = _kept(uri, store) if store is not None and is_remote(uri) else _found(uri, notes)
    except SourceError as error:
        digest = hashlib.sha256(f"{error.code}\0{error.message}\0{uri}".encode("utf-8", "surrogateescape")).hexdigest()
        return (SourceRef(uri=uri, digest=digest, size_bytes=0),)
    return tuple(_limited(source, limits) for source in found)


def hash_ahead(uris: Iterable[str], notes: ArtifactStore) -> None:
    """Begin to hash local files in a thread of its own; `fingerprint` then finds them noted, or waits for them.

    Files that could not be noted, or are not there, are left to `fingerprint`.
    """
    local = [uri for uri in uris if not is_remote(uri)]
    Thread(target=_hash, args=(local, notes), name="hash ahead", daemon=True).start()


def verify(stored: LocalFile, uri: str, digest: str) -> None:
    """Hold an opened local file to be what was fingerprinted.

    Args:
        stored: the file, which is at its start and is left there.
        uri: the source's address: the file's own, or that of a member of it.
        digest: the source's.

    Raises:
        SourceError: `changed_while_read`.
    """
    if _seen.get(uri) == (stored.stamp, digest):
        return
    if not any(source.uri == uri and source.digest == digest for source in _local(stored)):
        raise changed_while_read()
    stored.check()
    stored.file.seek(0)


def _limited(source: SourceRef, limits: UnpackLimits) -> SourceRef:
    return source.model_copy(update={"max_unpacked_bytes": limits.allowance(source.size_bytes)})


def _kept(uri: str, store: ArtifactStore) -> tuple[SourceRef, ...]:
    """The sources of a remote file, of which the store has a copy now."""

    def fetch(path: Path) -> None:
        with closing(RemoteFile(uri)) as remote, path.open("wb") as copy:
            for piece in pieces(remote):
                copy.write(piece)

    path = str(store.path(store.put(COPY_SUFFIX, fetch)))
    with closing(LocalFile(uri, path)) as stored:
        return tuple(source.model_copy(update={"copy_path": path}) for source in _local(stored))


def _found(uri: str, notes: ArtifactStore | None) -> tuple[SourceRef, ...]:
    opened_ns = time.time_ns()
    with closing(open_stored(uri)) as stored:
        if not isinstance(stored, LocalFile):
            return _remote(stored)
        if notes is None:
            return _local(stored)
        with _hashing:
            return _noted(stored, opened_ns, notes)


def _noted(stored: LocalFile, opened_ns: int, notes: ArtifactStore) -> tuple[SourceRef, ...]:
    known = hashed_before(stored, notes)
    if known is not None:
        _see(stored, known)
        return known
    sources = _local(stored)
    if not stored.is_changed():
        note_hashed(stored, sources, opened_ns, notes)
    return sources


def _hash(uris: Iterable[str], notes: ArtifactStore) -> None:
    for uri in uris:
        with suppress(Exception), closing(LocalFile(uri)) as stored:
            if is_settled(stored, time.time_ns()):
                fingerprint(uri, notes=notes)


def _local(stored: LocalFile) -> tuple[SourceRef, ...]:
    sources = _zip_members(cast("BinaryIO", stored.file), stored.uri) or (_whole(stored),)
    if not stored.is_changed():
        _see(stored, sources)
    return sources


def _see(stored: LocalFile, sources: tuple[SourceRef, ...]) -> None:
    _seen.update({source.uri: (stored.stamp, source.digest) for source in sources})


def _whole(stored: LocalFile) -> SourceRef:
    stored.file.seek(0)
    digest, buffer = hashlib.sha256(), memoryview(bytearray(_PIECE_BYTES))
    while count := stored.readinto(buffer):
        digest.update(buffer[:count])
    return SourceRef(uri=stored.uri, digest=digest.hexdigest(), size_bytes=stored.stamp.size_bytes)


def _remote(stored: RemoteFile) -> tuple[SourceRef, ...]:
    stream = pieces(stored)
    first = bytes(next(stream, b""))
    if first.startswith(ZIP_MAGIC):
        with spool(stream, first) as copy:
            if found := _zip_members(copy, stored.uri):
                return found
    for _ in stream:
        pass
    return (SourceRef(uri=stored.uri, digest=stored.digest, size_bytes=stored.size_bytes),)


def _zip_members(file: BinaryIO, uri: str) -> tuple[SourceRef, ...]:
    file.seek(0)
    if not file.read(4).startswith(ZIP_MAGIC):
        return ()
    try:
        return members(file, uri)
    except SourceError:
        return ()
