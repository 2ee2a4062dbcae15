"""The sample that ships is what the generator writes, and holds what it should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.dirt.kinds import DIRT
from benchmarks.generate import main

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "raw"
    main(["--sample", str(folder)])
    return folder


def test_sample_is_what_the_generator_writes(made: Path) -> None:
    shipped = {path.name: path.read_bytes() for path in (DATA / "raw").iterdir()}
    assert {path.name: path.read_bytes() for path in made.iterdir()} == shipped
    assert (made.parent / "raw.dirt.json").read_bytes() == (DATA / "raw.dirt.json").read_bytes()


def test_sample_is_small_and_holds_what_must_not_come_alive(made: Path) -> None:
    content = b"".join(path.read_bytes() for path in made.iterdir())
    assert len(content) < 600_000
    assert b"<script>alert(1)</script>" in content
    assert b"=cmd|' /C calc'!A0" in content


def test_sample_has_every_kind_of_dirt() -> None:
    truth = json.loads((DATA / "raw.dirt.json").read_text(encoding="utf-8"))
    assert {name for file in truth.values() for name in file["kinds"]} == {kind.name for kind in DIRT}
