"""The artifact store's own folder."""

from __future__ import annotations

import os
from pathlib import Path

from tasks.artifacts import ArtifactStore

A_DAY_SECONDS = 24 * 3600


def test_only_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    left, fresh, moved = (store.scratch() for _ in range(3))
    left.mkdir()
    fresh.touch()
    moved.symlink_to("nothing")  # listed, but no longer there when it is looked at
    long_ago = left.stat().st_mtime - 2 * A_DAY_SECONDS
    os.utime(left, (long_ago, long_ago))
    store.sweep()
    assert not left.exists()
    assert fresh.exists()
