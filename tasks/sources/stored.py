"""The bytes of a source as they are stored: opened, fingerprinted, and held to be what was fingerprinted."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast

from tasks.sources.addresses import filesystem, is_http, is_remote, local_path
from tasks.sources.errors import SourceError

_PIECE_BYTES = 1 << 20
_REMOTE_BLOCK_BYTES = 8 << 20
_SPOOL_IN_MEMORY_BYTES = 32 << 20

# What botocore raises where nobody has said who asks.
_NO_CREDENTIALS = {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError"}
# What a network that is down for the moment looks like on this machine; everything else about a local file is lasting.
_LASTING_FAULTS = {errno.EACCES, errno.EPERM, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO, errno.ENODEV}


class Stamp(NamedTuple):
    """What changes when a local file is written to."""

    device: int
    inode: int
    size_bytes: int
    modified_ns: int


class Stored(Protocol):
    """An open file that can say whether it still is what it was."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer; 0 at the end of the file."""

    def check(self) -> None:
        """Raise `changed_while_read` if the file is no longer what it was when it was opened."""

    def close(self) -> None:
        """Let go of it."""


class LocalFile:
    """A local file, or a copy of a remote one; `check` compares size and time of change with those at the opening."""

    def __init__(self, uri: str, path: str | None = None) -> None:
        self.uri = uri
        self.path = local_path(uri) if path is None else path
        with _lasting_faults(uri):
            # Not to hang on a pipe that nobody writes to.
            descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise SourceError("unreadable", "it is a folder, a pipe or a device, not a file")
        self.file = io.FileIO(descriptor, "rb")
        self.stamp = self._stamp()

    def _stamp(self) -> Stamp:
        status = os.fstat(self.file.fileno())
        return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer; 0 at the end of the file."""
        return self.file.readinto(buffer)

    def check(self) -> None:
        """Raise `changed_while_read` if the file is no longer what it was when it was opened."""
        if self.is_changed():
            raise changed_while_read()

    def is_changed(self) -> bool:
        """Whether it was written to since it was opened."""
        return self._stamp() != self.stamp

    def close(self) -> None:
        """Let go of it."""
        self.file.close()


class RemoteFile:
    """A file that fsspec fetches, in one pass; `check` at its end compares the digest of what came."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        remote, path = filesystem(uri)
        with transient_faults(uri):
            # Block size 0 is fsspec's word for one plain request, read through.
            self._file = cast(
                "BinaryIO", remote.open(path, "rb", block_size=0 if is_http(uri) else _REMOTE_BLOCK_BYTES)
            )
        self.digest_expected: str | None = None
        self._is_at_end = False

    @property
    def digest(self) -> str:
        """The sha256 of what came so far."""
        return self._hash.hexdigest()

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the whole buffer, less at the end of the file."""
        filled = 0
        with transient_faults(self.uri):
            while filled < len(buffer) and (piece := self._file.read(len(buffer) - filled)):
                buffer[filled : filled + len(piece)] = piece
                filled += len(piece)
        self._hash.update(buffer[:filled])
        self.size_bytes += filled
        self._is_at_end = filled < len(buffer)
        return filled

    def check(self) -> None:
        """Raise `changed_while_read` if the whole file came and is not what was fingerprinted."""
        if self._is_at_end and self.digest_expected not in (None, self.digest):
            raise changed_while_read()

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


class PlainStream(io.RawIOBase):
    """A stored file as a stream; checked when its end is reached."""

    def __init__(self, stored: Stored, path: str | None = None) -> None:
        """Prepare to read.

        Args:
            stored: the file.
            path: where it lies on this machine, if it does.
        """
        self._stored = stored
        self.path = path

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # io asks for a writable buffer: that is one
        """Fill the buffer; 0 at the end of the file."""
        count = self._stored.readinto(memoryview(buffer))
        if count == 0:
            self.check()
        return count

    def check(self) -> None:
        """Raise `changed_while_read` if the file is not what it was."""
        self._stored.check()

    def close(self) -> None:
        """Let go of the file."""
        if not self.closed:
            self._stored.close()
        super().close()


def open_stored(uri: str) -> LocalFile | RemoteFile:
    """Open a file as it is stored.

    Raises:
        SourceError: `unreadable`.
        ConnectionError: a remote file cannot be had just now.
    """
    return RemoteFile(uri) if is_remote(uri) else LocalFile(uri)


def pieces(stored: Stored) -> Iterator[memoryview]:
    """All bytes of a file, a piece at a time; each is valid until the next is taken."""
    buffer = memoryview(bytearray(_PIECE_BYTES))
    while count := stored.readinto(buffer):
        yield buffer[:count]


def spool(rest: Iterable[memoryview], first: bytes = b"") -> BinaryIO:
    """A copy of a remote file that can be read from any place: in memory, or on disk if it is big."""
    copy = tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY_BYTES)  # noqa: SIM115 - whoever asked closes it
    copy.write(first)
    for piece in rest:
        copy.write(piece)
    copy.seek(0)
    return cast("BinaryIO", copy)


def changed_while_read() -> SourceError:
    """The file is not what it was when the run took its fingerprint."""
    return SourceError("changed_while_read", "it changed after the run first saw it; run again when it is complete")


@contextmanager
def _lasting_faults(uri: str) -> Iterator[None]:
    """Tell what will not mend itself from what may."""
    try:
        yield
    except FileNotFoundError:
        raise SourceError("unreadable", "it is no longer there") from None
    except OSError as error:
        if error.errno in _LASTING_FAULTS:
            raise SourceError("unreadable", f"it cannot be opened: {error.strerror}") from None
        raise
    except ValueError as error:
        raise SourceError("unreadable", f"{Path(uri).name!r} is not a name a file can have: {error}") from None


@contextmanager
def transient_faults(uri: str) -> Iterator[None]:
    """Whatever a remote file system raises, as what the retries know."""
    try:
        yield
    except FileNotFoundError as error:
        if _is_for_now(error.__cause__):
            raise ConnectionError(f"{uri}: cannot be fetched just now: {error.__cause__}") from error
        raise SourceError("unreadable", "it is not there") from None
    except PermissionError as error:
        raise SourceError("unreadable", f"it may not be read: {error.strerror or error or 'access denied'}") from None
    except SourceError:
        raise
    except OSError as error:
        if type(error).__name__ == "FileExpired":  # of s3fs: the object was written anew
            raise changed_while_read() from None
        raise
    except Exception as error:
        # aiohttp and botocore have exceptions of their own, and fsspec passes them on as they are.
        if type(error).__name__ in _NO_CREDENTIALS:
            raise SourceError("unreadable", f"it may not be read: {error}") from None
        raise ConnectionError(f"{uri}: cannot be fetched just now: {type(error).__name__}: {error}") from error


def _is_for_now(cause: BaseException | None) -> bool:
    """Whether "not found" only means that no answer came: fsspec says so for every fault of a web server."""
    if cause is None or isinstance(cause, FileNotFoundError) or hasattr(cause, "response"):  # botocore's: an answer
        return False
    status = getattr(cause, "status", None)
    return status is None or status >= 500
