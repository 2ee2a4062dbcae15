"""Which local files were hashed before: one that has not been touched since is not hashed again (decision 0090)."""

from __future__ import annotations

import os

from pydantic import ValidationError

from tasks.artifacts import ArtifactStore
from tasks.models import Frozen, SourceRef
from tasks.sources.stored import LocalFile

_SETTLED_AFTER_NS = 2 * 10**9  # the coarsest clock of a file system in use


class _Hashed(Frozen):
    stamp: tuple[int, ...]
    sources: tuple[SourceRef, ...]


def hashed_before(stored: LocalFile, notes: ArtifactStore) -> tuple[SourceRef, ...] | None:
    """The sources in an opened file, if it is the very one that was hashed before."""
    try:
        before = _Hashed.model_validate_json(notes.note(_name(stored)) or b"")
    except ValidationError:
        return None
    return before.sources if before.stamp == _stamp(stored) else None


def note_hashed(stored: LocalFile, sources: tuple[SourceRef, ...], opened_ns: int, notes: ArtifactStore) -> None:
    """Remember what was found in a file.

    One that had been written to just before it was opened is left out: a clock that ticks slowly would not tell the
    next write from that one.
    """
    if is_settled(stored, opened_ns):
        notes.put_note(_name(stored), _Hashed(stamp=_stamp(stored), sources=sources).model_dump_json())


def is_settled(stored: LocalFile, opened_ns: int) -> bool:
    """Whether the last write to a file was long enough before it was opened that any later one can be told from it."""
    return max(_stamp(stored)[-2:]) + _SETTLED_AFTER_NS <= opened_ns


def _name(stored: LocalFile) -> str:
    return f"hashed {stored.uri}"


def _stamp(stored: LocalFile) -> tuple[int, ...]:
    """What changes when a file is written to; the last one, set by whatever is done to it, cannot be set by hand."""
    return (*stored.stamp, os.fstat(stored.file.fileno()).st_ctime_ns)
