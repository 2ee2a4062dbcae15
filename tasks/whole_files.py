"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Make a file or folder under a temporary name beside its place, then give it its name in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        write(temporary)
        if path.is_dir():
            _swap(temporary, path)
        else:
            temporary.replace(path)
    finally:
        _remove(temporary)


def write_text_whole(path: Path, text: str) -> None:
    """Write UTF-8 text with the line ends it has, whole or not at all."""
    write_whole(path, lambda temporary: _write(temporary, text))


def copy_whole(source: Path, target: Path) -> None:
    """Copy a folder, whole or not at all."""
    write_whole(target, lambda temporary: _copy(source, temporary))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target)


def _swap(new: Path, old: Path) -> None:
    aside = old.with_name(f".{old.name}.{uuid.uuid4().hex}")
    old.rename(aside)
    new.rename(old)
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
