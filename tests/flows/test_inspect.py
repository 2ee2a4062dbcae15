"""`python -m flows.inspect` from its command line."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from flows.inspect import main

TEXT = 'Title\n\nid;name\n1;"a;b"\n2;c;d\n3;"e\nf"\n'


def test_it_says_what_was_understood_and_what_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text(TEXT)
    assert main([str(tmp_path / "x.csv"), "--reject"]) == 0
    shown = capsys.readouterr().out
    for part in ("utf-8", "delimiter ;", "header     1, after 2 lines", "2 rows", "line 5  too_many_fields"):
        assert part in shown


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_it_writes_the_table_as_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.csv").write_text(TEXT)
    assert main([str(tmp_path / "x.csv"), "--reject", "--to", str(tmp_path / name)]) == 0
    if name.endswith("csv"):
        with (tmp_path / name).open(newline="") as file:
            assert list(csv.reader(file)) == [["id", "name"], ["1", "a;b"], ["3", "e\nf"]]
    else:
        assert pl.read_parquet(tmp_path / name).to_dicts() == [{"id": "1", "name": "a;b"}, {"id": "3", "name": "e\nf"}]


def test_every_guess_can_be_overridden(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("skip\n'a\\'é|b'|2\n'c|3\n".encode("cp1252"))
    options = ["--delimiter", "|", "--quote", "none", "--escape", "none", "--encoding", "cp1252", "--header-rows", "0"]
    assert (
        main([str(tmp_path / "x.csv"), "--skip-rows", "1", *options, "--to", str(tmp_path / "o.csv"), "--reject"]) == 0
    )
    assert (tmp_path / "o.csv").read_text() == "'c,3\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["missing.csv"], 1), (["x.csv", "--encoding", "no-such"], 2), (["x.csv", "--to", "out.txt"], 2)],
)
def test_mistakes_are_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    (tmp_path / "x.csv").write_text(TEXT)
    assert main([str(tmp_path / arguments[0]), *arguments[1:]]) == code
    assert len(capsys.readouterr().err.splitlines()) == 1
