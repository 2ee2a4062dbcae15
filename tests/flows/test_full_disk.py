"""A disk that is full: a run says so, leaves nothing half-made, and goes through once there is room."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.main import main

ROWS = "user_id,session_start,session_end,event_type,value,metadata\n" + "".join(
    f"{user},2026-01-0{1 + user % 9} 08:00:00,2026-01-0{1 + user % 9} 09:00:00,view,{user}.50,\n"
    for user in range(1, 2_000)
)


@contextmanager
def no_file_over(size_bytes: int) -> Iterator[None]:
    """Writing beyond the size fails as it does on a full disk, with an error of the operating system."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def statuses(results: Path) -> list[str]:
    return [json.loads(path.read_text())["status"] for path in sorted(results.glob("*/summary.json"))]


@pytest.mark.parametrize("room_bytes", [1_000, 60_000])  # for nothing; for what is landed, and no more
def test_a_full_disk_is_one_message_and_nothing_half_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], room_bytes: int
) -> None:
    (tmp_path / "a.csv").write_text(ROWS + "x,2026-01-01 08:00:00,,view,1.50,\n")
    out = tmp_path / "out"
    call = ["--no-server", "--input", str(tmp_path / "a.csv"), "--results-dir", str(out)]

    with no_file_over(room_bytes):
        assert main(call) == 1
    said = capsys.readouterr().err
    assert "sluice: the run failed: OSError: " in said
    assert "Traceback" not in said
    assert set(statuses(out)) <= {"failed"}
    assert ("what is known is in" in said) == bool(statuses(out))

    assert main(call) == 0
    assert statuses(out)[-1] == "passed"
