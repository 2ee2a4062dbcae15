"""`python -m flows.inspect` from its command line."""

from __future__ import annotations

import csv
import functools
import gzip
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest

from flows.inspect import main

TEXT = 'Title\n\nid;name\n1;"a;b"\n2;c;d\n3;"e\nf"\n'
OBJECTS = [{"id": 9007199254740993, "at": "2024-01-05 10:00:00"}, {"id": 7, "more": {"a": [1, None]}}, {"id": None}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same few things in every format."""
    (tmp_path / "x.csv").write_text(TEXT)
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "x.json").write_text(json.dumps({"data": OBJECTS}))
    (tmp_path / "x.ndjson").write_text("".join(json.dumps(one) + "\n" for one in OBJECTS) + "{broken\n\n")
    pl.DataFrame({"id": ["007", None], "price": [1.5, 2.0]}).write_parquet(tmp_path / "x.parquet")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("in/a.csv", TEXT)
        archive.writestr("b.ndjson", '{"id":1}\n')
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main([str(one) for one in arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "x.csv",
            ["parted by semicolon", "1 row, from line 3", "2 rows", "1 too_many_fields", "line 5  too_many_fields"],
        ),
        ("x.csv.gz", ["csv, packed with gzip", "line 5  too_many_fields"]),
        ("x.json", ["json, ", "3 rows", "wrapped_array", "id    integer", "33% filled", '{"a": [1, null]}']),
        ("x.ndjson", ["ndjson, ", "3 rows, 1 blank line", "datetime %Y-%m-%d %H:%M:%S", "line 4  bad_json", "{broken"]),
        ("x.parquet", ["parquet, ", "string, digits with leading zeros, stored as String", "stored as Float64"]),
        ("x.zip!b.ndjson", ["x.zip, member b.ndjson", "1 row"]),
    ],
)
def test_it_says_what_was_understood_and_what_is_broken(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, parts: list[str]
) -> None:
    text = shown(capsys, folder / name, "--reject")
    for part in parts:
        assert part in text
    assert "\x1b" not in text  # no colours where it is no terminal


def test_folders_globs_and_archives_are_read_file_by_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, folder, folder / "x.j*")
    names = [line.split(maxsplit=1)[1].removeprefix(f"{folder}/") for line in text.splitlines() if line[:5] == "file "]
    of_folder = [
        "x.csv",
        "x.csv.gz",
        "x.json",
        "x.ndjson",
        "x.parquet",
        "x.zip, member b.ndjson",
        "x.zip, member in/a.csv",
    ]
    assert names == [*of_folder, "x.json"]


@pytest.fixture
def server(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


def test_an_address_is_read_as_well(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "1 too_many_fields" in shown(capsys, f"{server}/x.csv.gz", "--reject")
    assert "stored as Float64" in shown(capsys, f"{server}/x.parquet")
    assert main([f"{server}/missing.csv"]) == 2


def test_a_server_that_does_not_answer_is_no_fault_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:9/x.csv"]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 1


WRITTEN = {
    "x.csv": [["id", "name"], ["1", "a;b"], ["3", "e\nf"]],
    "x.ndjson": [
        ["id", "at", "more"],
        ["9007199254740993", "2024-01-05 10:00:00", ""],
        ["7", "", '{"a": [1, null]}'],
        ["", "", ""],
    ],
    "x.parquet": [["id", "price"], ["007", "1.5"], ["", "2"]],
}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_it_writes_the_table_as_read(folder: Path, name: str, out: str) -> None:
    assert main([str(folder / name), "--reject", "--to", str(folder / out)]) == 0
    if out.endswith("csv"):
        assert list(csv.reader(io.StringIO((folder / out).read_text(), newline=""))) == WRITTEN[name]
    else:
        frame = pl.read_parquet(folder / out)
        assert set(frame.dtypes) == {pl.String}
        assert [frame.columns, *(["" if cell is None else cell for cell in row] for row in frame.rows())] == WRITTEN[
            name
        ]
    assert sorted(path.name for path in folder.glob(".*")) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_what_it_writes_it_reads_again(folder: Path, name: str) -> None:
    first, second = folder / "first.csv", folder / "second.csv"
    assert main([str(folder / name), "--reject", "--to", str(first)]) == 0
    assert main([str(first), "--header-rows", "1", "--to", str(second)]) == 0
    assert second.read_text().replace('""', "") == first.read_text().replace('""', "")


def test_every_guess_can_be_overridden(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("skip\n'a\\'é|b'|2\n'c|3\n".encode("cp1252"))
    options = ["--delimiter", "|", "--quote", "none", "--escape", "none", "--encoding", "cp1252", "--header-rows", "0"]
    more = ["--skip-rows", "1", "--line-end", "LF", "--to", str(tmp_path / "o.csv"), "--reject"]
    assert main([str(tmp_path / "x.csv"), *options, *more]) == 0
    assert (tmp_path / "o.csv").read_text() == "'c,3\n"


def test_options_that_do_not_fit_or_mean_nothing_are_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "pin_in_doubt: parted by '|'" in shown(capsys, folder / "x.csv", "--delimiter", "|")
    assert "option_ignored: given, and without a meaning in ndjson: delimiter" in shown(
        capsys, folder / "x.ndjson", "--delimiter", "|"
    )


def test_rows_that_are_left_out_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text("id,name\n1,a\n,\n,\n2,b\n,\n")
    text = shown(capsys, tmp_path / "x.csv")
    assert "2 rows" in text
    assert "empty_rows: rows without any value, several together or at the end, were left out (3)" in text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["missing.csv"], 2),
        (["x.csv", "--encoding", "no-such"], 2),
        (["x.csv", "--quote", "ab"], 2),
        (["x.csv", "--delimiter", ""], 2),
        (["x.csv", "--to", "out.txt"], 2),
        (["x.zip", "--to", "out.csv"], 2),
        (["x.zip!none.csv"], 2),
        (["empty.csv"], 1),
        (["cut.parquet"], 1),
    ],
)
def test_mistakes_are_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    (folder / "empty.csv").touch()
    (folder / "cut.parquet").write_bytes((folder / "x.parquet").read_bytes()[:100])
    assert main([str(folder / arguments[0]), *arguments[1:]]) == code
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty.csv").touch()
    assert main([str(folder / "empty.csv"), str(folder / "x.csv")]) == 1
    caught = capsys.readouterr()
    assert "the file is empty" in caught.err
    assert "parted by semicolon" in caught.out
