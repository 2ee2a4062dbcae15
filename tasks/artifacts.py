"""The artifact store: content-addressed files that tasks hand on instead of frames.

An artifact is written to a temporary name, hashed, and moved to `objects/ab/<digest><suffix>` in one step, so it is
there whole or not at all, and the same content is there once.
"""

from __future__ import annotations

import hashlib
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tasks.models import ArtifactRef

_STALE_AFTER_SECONDS = 24 * 3600


class ArtifactStore:
    """Content-addressed files and folders below one directory."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def path(self, ref: ArtifactRef) -> Path:
        """Where an artifact lies."""
        return self.root / "objects" / ref.digest[:2] / f"{ref.digest}{ref.suffix}"

    def has(self, ref: ArtifactRef) -> bool:
        """Whether the artifact is there, in its full size."""
        path = self.path(ref)
        return path.exists() and _size_bytes(path) == ref.size_bytes

    def put(self, suffix: str, write: Callable[[Path], int | None]) -> ArtifactRef:
        """Keep what `write` makes at the path it is given: a file, or a folder of files.

        Args:
            suffix: how the name ends, with its dot; empty for a folder.
            write: makes the file or folder; may return how many rows it holds.
        """
        temporary = self.scratch(suffix)
        try:
            rows = write(temporary)
            digest, size_bytes = _digest(temporary), _size_bytes(temporary)
            ref = ArtifactRef(digest=digest, suffix=suffix, size_bytes=size_bytes, rows=rows)
            if not self.has(ref):
                _move(temporary, self.path(ref))
            return ref
        finally:
            _remove(temporary)

    def put_bytes(self, suffix: str, data: bytes) -> ArtifactRef:
        """Keep some bytes."""

        def write(path: Path) -> None:
            path.write_bytes(data)

        return self.put(suffix, write)

    def note(self, name: str) -> bytes | None:
        """What was written down under a name; None if nothing was."""
        try:
            return self._note_path(name).read_bytes()
        except OSError:
            return None

    def put_note(self, name: str, text: str) -> None:
        """Write down what may be lost, only to be found out again: it is no artifact, and nothing points at it."""
        path, temporary = self._note_path(name), self.scratch(".json")
        temporary.write_text(text, encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(path)

    def _note_path(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        return self.root / "notes" / digest[:2] / f"{digest}.json"

    def scratch(self, suffix: str = "") -> Path:
        """A fresh temporary path on the store's own disk; whoever takes it removes it."""
        folder = self.root / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{uuid.uuid4().hex}{suffix}"

    def sweep(self) -> None:
        """Remove temporary files that a killed run left behind."""
        limit = time.time() - _STALE_AFTER_SECONDS
        for path in (self.root / "tmp").glob("*"):
            with suppress(FileNotFoundError):  # whoever took it has moved it by now
                if path.stat().st_mtime < limit:
                    _remove(path)


def file_digest(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(path: Path) -> str:
    if path.is_file():
        return file_digest(path)
    tree = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        tree.update(f"{file.relative_to(path).as_posix()}\0{file_digest(file)}\n".encode())
    return tree.hexdigest()


def _size_bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.replace(target)
    except OSError:
        # A folder cannot replace a folder: another run wrote the same content just now, or a damaged one is in the way.
        if not target.is_dir():
            raise
        aside = target.with_name(f"{target.name}.{uuid.uuid4().hex}")
        target.rename(aside)
        source.replace(target)
        _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
