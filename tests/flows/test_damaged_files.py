"""A folder of damaged files through `python -m flows.main --no-server`: each is one dead letter, the others go on."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flows.main import main
from tasks.dead_letters.store import open_store
from tasks.sources.decompression import zstd

ROWS = b"user_id,session_start,event_type,value\n" + b"".join(
    b"%d,2026-09-01 08:00:00,view,1.00\n" % number for number in range(1, 200)
)
BOMB = ROWS + b"\n" * (3 << 20)


def _zipped(path: Path, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def _damaged(folder: Path) -> dict[str, str]:
    """Write damaged files; their names and the codes of their dead letters."""
    packed = gzip.compress(ROWS)
    contents = {
        "bad_checksum.csv.gz": (packed[:-8] + b"\0\0\0\0" + packed[-4:], "bad_checksum"),
        "cut.csv.gz": (packed[: len(packed) // 2], "truncated_archive"),
        "cut.csv.xz": (lzma.compress(ROWS)[:-9], "truncated_archive"),
        "bomb.csv.gz": (gzip.compress(BOMB), "too_large"),
        "bomb.csv.zst": (zstd.compress(BOMB), "too_large"),
        "bomb.csv.xz": (lzma.compress(BOMB), "too_large"),
        "bomb.csv.bz2": (bz2.compress(BOMB), "too_large"),
        "cut.parquet": (b"PAR1" + bytes(100), "damaged_file"),
        "cut.zip": (b"PK\x03\x04" + bytes(50), "damaged_archive"),
        "empty.csv": (b"", "empty_file"),
    }
    for name, (data, _) in contents.items():
        (folder / name).write_bytes(data)
    (folder / "gone.csv").symlink_to(folder / "nothing")
    _zipped(folder / "bomb.zip", **{"a.csv": BOMB})
    _zipped(folder / "locked.zip", **{"a.csv": ROWS})
    locked = bytearray((folder / "locked.zip").read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(header) + flags] |= 1  # says that a password is needed
    (folder / "locked.zip").write_bytes(locked)
    more = {"gone.csv": "unreadable", "bomb.zip!a.csv": "too_large", "locked.zip!a.csv": "encrypted_archive"}
    return {name: code for name, (_, code) in contents.items()} | more


def test_damaged_files_are_dead_letters_and_the_others_go_on(tmp_path: Path) -> None:
    folder, results = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    expected = _damaged(folder)
    (folder / "good.csv").write_bytes(ROWS)
    (folder / "cut.csv").write_bytes(ROWS[:-25])
    _zipped(folder / "several.zip", **{"../up.csv": ROWS.replace(b"view", b"click"), "day/two.csv": b"no,table\n1,2\n"})
    config = tmp_path / "config.yaml"
    config.write_text("unpacking: {always_megabytes: 1, max_ratio: 50}\n")

    main(["--no-server", "--config", str(config), "--input", str(folder), "--results-dir", str(results)])

    (summary_path,) = results.glob("*/summary.json")
    summary = json.loads(summary_path.read_text(encoding="utf-8"))
    files = {file["uri"].removeprefix(f"{folder}/"): file for file in summary["files"]}
    assert files.keys() == {*expected, "good.csv", "cut.csv", "several.zip!../up.csv", "several.zip!day/two.csv"}
    assert [files[name]["rows"]["read"] for name in ("good.csv", "cut.csv", "several.zip!../up.csv")] == [199, 199, 199]
    assert {finding["code"] for finding in files["cut.csv"]["findings"]} >= {"cut_off"}
    with open_store(f"sqlite:///{results / 'dead_letters.db'}") as letters:
        found = {one.file.removeprefix(f"{folder}/"): one.reasons[0].code for one in letters.letters() if one.line == 0}
    assert found == expected | {"several.zip!day/two.csv": "wrong_schema"}
    assert summary["gate"]["reasons"][-6] == "could not be landed: bad_checksum.csv.gz: " + said_of(
        files["bad_checksum.csv.gz"]
    )


def said_of(file: dict[str, Any]) -> str:
    (finding,) = file["findings"]
    return str(finding["message"]).removeprefix("the file is one dead letter: ")


def test_a_folder_without_files_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.md").write_text("no data")
    assert main(["--no-server", "--input", str(tmp_path / "in"), "--results-dir", str(tmp_path / "out")]) == 1
    assert f"there is no file in {tmp_path / 'in'}; of a folder are read: *.csv, " in capsys.readouterr().err
