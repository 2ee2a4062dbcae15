"""Records fetched verbatim."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks.sources import RAW_SCHEMA, fetch_raw, fetch_raw_in_turn, fingerprint, raw_lines, rows_as_json


def _fetch(path: Path, wanted: list[tuple[int, int]], file_format: str = "csv", **how: str) -> list[tuple[Any, ...]]:
    (source,) = fingerprint(str(path))
    frame = pl.DataFrame(wanted, {"line": pl.Int64, "span": pl.UInt32}, orient="row")
    found = fetch_raw(source, frame, file_format, how.get("encoding"), how.get("line_end", "\n"))
    assert found.schema == RAW_SCHEMA
    return found.rows()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_lines, "BLOCK_BYTES", 16)


def test_lines_come_as_they_stand_without_their_end(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b\r\n1,"x\ny"\r\n\xff,2\n\n3,4 \r')
    assert _fetch(path, [(5, 1), (2, 2), (1, 1), (4, 1), (6, 1), (7, 1), (90, 1)]) == [
        (1, 0, b"a,b"),
        (2, 5, b'1,"x\ny"'),
        (4, 14, b"\xff,2"),
        (5, 18, b""),
        (6, 19, b"3,4 \r"),
    ]


def test_a_last_line_with_its_end_is_followed_by_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\nb\n")
    assert _fetch(path, [(2, 1), (3, 1)]) == [(2, 2, b"b")]
    assert _fetch(path, [(2, 7)]) == [(2, 2, b"b")], "a span that the file does not have"


def test_old_macintosh_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\rb\nc\rd")
    assert _fetch(path, [(2, 1), (3, 1)], line_end="\r") == [(2, 2, b"b\nc"), (3, 6, b"d")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-32-be"])
def test_line_ends_of_several_kinds(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("one\rtwo\r\nthree ਊ\r\r\n\nfive".encode(encoding))
    found = _fetch(path, [(line, 1) for line in range(1, 8)], encoding=encoding, line_end="mixed")
    plain = encoding.removesuffix("-sig")
    assert [line[2].decode(plain) for line in found] == ["one", "two", "three ਊ", "", "", "five"]
    assert all(path.read_bytes()[at:].startswith(text) for _, at, text in found)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-8-sig"])
def test_wide_letters(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a,ਊ\r\nb,ب\u0d0a\r\nc".encode(encoding))
    plain = {"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    found = _fetch(path, [(1, 1), (2, 1), (3, 1)], encoding=encoding)
    assert [line[2] for line in found] == [text.encode(plain) for text in ("a,ਊ", "b,ب\u0d0a", "c")]
    whole = path.read_bytes()
    assert all(whole[at:].startswith(text) for _, at, text in found)


def test_every_line_of_a_packed_file_against_split(tmp_path: Path) -> None:
    lines = [b"x" * (n * 7 % 41) for n in range(500)]
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    assert [row[2] for row in _fetch(path, [(n + 1, 1) for n in range(500)])] == lines
    assert [row[2] for row in _fetch(path, [(n + 1, 100) for n in range(0, 500, 100)])] == [
        b"\n".join(lines[n : n + 100]) for n in range(0, 500, 100)
    ]


def test_a_parquet_row_is_fetched_as_json(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": [1, 2, None], "b": ["x", "y\n", "z"], "c": [Decimal("0.10")] * 3}).write_parquet(path)
    assert _fetch(path, [(3, 1), (2, 1), (9, 1)], "parquet") == [
        (2, None, b'{"a": 2, "b": "y\\n", "c": "0.10"}'),
        (3, None, b'{"a": null, "b": "z", "c": "0.10"}'),
    ]


def test_rows_of_any_type_can_be_written_as_json() -> None:
    frame = pl.DataFrame(
        {
            "binary": pl.Series([b"\xff\x00"]),
            "duration": pl.Series([timedelta(seconds=1)]),
            "nested": pl.Series([{"a": [1, None], "b": b"x"}]),
            "wide": pl.Series([2**64 - 1], dtype=pl.UInt64),
            "nanoseconds": pl.Series([1]).cast(pl.Datetime("ns")),
            "nothing": pl.Series([None]),
        }
    )
    assert json.loads(rows_as_json(frame)[0]) == {
        "binary": "\\xff\x00",
        "duration": "0:00:01",
        "nested": {"a": [1, None], "b": "x"},
        "wide": 2**64 - 1,
        "nanoseconds": "1970-01-01 00:00:00.000000001",
        "nothing": None,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "gb18030"])
def test_elements_of_a_json_array(encoding: str, tmp_path: Path) -> None:
    elements = ['{"a": 1}', '{"a": "ø, {"}', '{"a": broken}', "17", '{"a": [\n2]}']
    path = tmp_path / "a.json"
    path.write_bytes(f"[\n{','.join(elements)}\n]\n".encode(encoding))
    plain = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    found = _fetch(path, [(n, 1) for n in (2, 3, 4, 5, 6)], "json", encoding=plain)
    assert [(number, raw) for number, _, raw in found] == [(n, elements[n - 1].encode(plain)) for n in (2, 3, 4, 5)]
    assert all(path.read_bytes()[at:].startswith(text) for _, at, text in found)


@pytest.mark.parametrize("file_format", ["csv", "json", "parquet"])
def test_frame_by_frame_in_one_pass(file_format: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    if file_format == "parquet":
        pl.DataFrame({"a": range(50)}).write_parquet(path)
    else:
        path.write_bytes(b"[\n" * (file_format == "json") + b",\n".join(b'{"a": %d}' % n for n in range(50)))
    (source,) = fingerprint(str(path))
    numbers = [[1, 3], [], [4], [7, 30, 50], [51], [90]]
    frames = [
        pl.DataFrame({"line": some, "span": [1] * len(some)}, {"line": pl.Int64, "span": pl.UInt32}) for some in numbers
    ]
    found = [frame["line"].to_list() for frame in fetch_raw_in_turn(source, frames, file_format, "utf-8", "\n")]
    assert found == [[1, 3], [], [4], [7, 30, 50], [], []]
