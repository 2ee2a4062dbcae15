"""Odd files in `tests/corpus`, and the table in each beside it, whose first line is empty where there is no header."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tasks.ingest.options import ReadOptions
from tasks.ingest.reading import read_file
from tasks.sources import fingerprint

CORPUS = Path(__file__).parents[2] / "corpus"
FILES = sorted(path for path in CORPUS.glob("*.csv") if ".expected" not in path.suffixes)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_table_in_an_odd_file(path: Path) -> None:
    with path.with_suffix(".expected.csv").open(newline="", encoding="utf-8") as expected:
        header, *rows = csv.reader(expected)
    (source,) = fingerprint(str(path))
    read = read_file(source, ReadOptions())
    assert read.header == header
    assert [list(row) for row in read.first_rows] == rows


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("tables_titled", "several_tables"),
        ("pages_same_header", "repeated_header"),
        ("footer_total", "notes"),
        ("footer_note", "notes"),
        ("ends_lone_cr_in_lf", "mixed_line_ends"),
    ],
)
def test_what_is_worth_saying_of_it(name: str, code: str) -> None:
    (source,) = fingerprint(str(CORPUS / f"{name}.csv"))
    assert [finding.code for finding in read_file(source, ReadOptions()).findings] == [code]
