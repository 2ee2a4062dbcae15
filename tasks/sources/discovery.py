"""Finding the input files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import NoReturn

from expectations.errors import UsageError
from tasks.sources.addresses import filesystem, is_http, is_remote, local_path
from tasks.sources.errors import SourceError
from tasks.sources.stored import transient_faults

# `*.csv` finds `a.csv.gz` as well: how a file is packed does not change what it is.
_COMPRESSION_SUFFIXES = (".gz", ".zst", ".bz2", ".xz")


def discover(inputs: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """The addresses of all input files, sorted, each once.

    Args:
        inputs: files, folders (searched to the bottom), globs, and `s3://`, `http://` or other fsspec addresses.
        patterns: what to take from a folder, such as `*.csv` (in upper or lower case; it finds `a.csv.gz` as well);
            empty: everything. A file that is named, or found by a glob, is taken whatever its name.

    Hidden files and folders (names that begin with a dot) are passed over unless they are named. A folder or a glob
    may hold nothing; then nothing is found. A folder that may not be searched, and a link to nothing, are found: they
    become dead letters.

    Raises:
        UsageError: an input does not exist, or may not be read; says which.
        ConnectionError: a server gives no answer.
    """
    if not inputs:
        raise UsageError("no input is given: name a file, a folder or a glob")
    found: dict[str, str] = {}
    for given in inputs:
        for uri in _remote_files(given, patterns) if is_remote(given) else _local_files(local_path(given), patterns):
            found.setdefault(uri if is_remote(uri) else str(Path(uri).resolve()), uri)
    return sorted(found.values())


def _local_files(given: str, patterns: Sequence[str]) -> Iterator[str]:
    if Path(given).exists():
        yield from _below(given, patterns) if Path(given).is_dir() else (given,)
        return
    if not has_magic(given) or not _fixed_part(given).exists():
        _missing(given)
    for path in glob(given, recursive=True):  # noqa: PTH207 - pathlib's glob finds hidden files too
        yield from _below(path, patterns) if Path(path).is_dir() else (path,)


def _below(folder: str, patterns: Sequence[str]) -> Iterator[str]:
    """The regular files of a folder, to its bottom, and what should be one but cannot be read: to be said as such."""
    closed: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=lambda error: closed.append(str(error.filename))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            is_gone = path.is_symlink() and not path.exists()
            if (path.is_file() or is_gone) and _is_wanted(path.relative_to(folder).as_posix(), patterns):
                yield path.as_posix()
    yield from closed


def _fixed_part(pattern: str) -> Path:
    """The folder that a glob starts from."""
    parts = Path(pattern).parts
    first_magic = next(place for place, part in enumerate(parts) if has_magic(part))
    return Path(*parts[:first_magic])


def _remote_files(given: str, patterns: Sequence[str]) -> Iterator[str]:
    remote, path = filesystem(given)
    try:
        with transient_faults(given):
            if has_magic(path) and not is_http(given):
                entries = remote.glob(path, detail=True).values()
                found = [entry["name"] for entry in entries if entry["type"] == "file"]
            elif remote.info(path)["type"] == "file":
                yield given
                return
            else:
                found = list(_remote_below(remote.find(path), path, patterns))
    except SourceError as error:
        raise UsageError(f"the input {given}: {error.message}") from None
    yield from (remote.unstrip_protocol(one) for one in found)


def _missing(given: str) -> NoReturn:
    raise UsageError(f"the input {given} does not exist; relative paths start from {Path.cwd()}")


def _remote_below(paths: Iterable[str], folder: str, patterns: Sequence[str]) -> Iterator[str]:
    for path in paths:
        relative = path.removeprefix(folder).lstrip("/")
        is_mark = relative.endswith("/")  # an object of no bytes that stands for a folder
        if not is_mark and _is_wanted(relative, patterns):
            yield path


def _is_wanted(relative: str, patterns: Sequence[str]) -> bool:
    """Whether a path below a folder is to be read: not hidden, and fits a pattern by its name or as a whole."""
    parts = PurePosixPath(relative.lower())
    if not parts.parts or any(part.startswith(".") for part in parts.parts):
        return False
    names = {parts.name, str(parts)}
    if parts.suffix in _COMPRESSION_SUFFIXES:
        names |= {parts.stem, str(parts.with_suffix(""))}
    return not patterns or any(fnmatchcase(name, pattern.lower()) for name in names for pattern in patterns)
