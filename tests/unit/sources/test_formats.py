"""Telling formats apart."""

from __future__ import annotations

import pytest

from tasks.models import SourceRef
from tasks.sources import file_format


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.csv", b"a,b\n1,2\n", "csv"),
        ("a", b"a,b\n1,2\n", "csv"),
        ("a.csv", b"[id],[name]\n1,2\n", "csv"),
        ("a.csv", b"[1],x\n", "csv"),
        ("a.csv", b"{braces},x\n", "csv"),
        ("a.csv", b'[{"a": 1}]', "json"),
        ("a.json", b'\n [\n {"a": 1},', "json"),
        ("a.json", b"[]", "json"),
        ("a.json", b"[1, 2]", "json"),
        ("a.json", b'{"data": [\n{"a": 1},\n{"a": 2}\n]}', "json"),
        ("a.json", b'{\n  "a": 1\n}', "json"),
        ("a.json", b'{"data": [{"a": 1}, {"a": 2}]}\n', "json"),
        ("a.json", b'{"a": 1}\n{"a": 2}\n', "ndjson"),
        ("a.json", b'{"a": 1\n{"a": 2}\n{"a": 3}\n', "ndjson"),
        ("a.json", b'broken\n{"a": 2}\n', "ndjson"),
        ("a.json", b"<html>", "json"),
        ("a.txt", b'{"a": 1}\r\n{"a": 2}\r\n', "ndjson"),
        ("a.jsonl.gz", b'[1]\n{"a": 1}', "ndjson"),
        ("a.jsonl", b"", "ndjson"),
        ("a.csv", b"", "csv"),
        ("a.csv", b"PAR1\x15\x04", "parquet"),
        ("a.parquet", b"a,b\n", "csv"),
        ("a.json", b"\xef\xbb\xbf[{", "json"),
        ("a.json", '\ufeff[{"a": 1}]'.encode("utf-16-le"), "json"),
        ("a", '{"a": 1}\n'.encode("utf-16-be"), "ndjson"),
        ("http://host/x.json?token=.csv", b"", "json"),
        ("many.zip!a.json", b"", "json"),
    ],
)
def test_content_decides_before_the_name(name: str, head: bytes, expected: str) -> None:
    assert file_format(SourceRef(uri=name, digest="", size_bytes=0), head) == expected
