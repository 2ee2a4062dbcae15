"""Any table that Python's csv module writes, in any dialect and encoding, comes back cell for cell."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tasks.ingest.csv_source import Hints
from tasks.ingest.options import ReadOptions
from tasks.ingest.text_table import TextTable
from tasks.sources import fingerprint

LETTERS = {
    "utf-8": "aé漢😀",
    "utf-8-sig": "aé漢",
    "utf-16": "aé漢😀",
    "cp1252": "aé€",
    "shift_jis": "aア漢",
    "gb18030": "aé漢😀",
}


class Written(NamedTuple):
    """A table and the file it was written to."""

    rows: list[list[str]]
    data: bytes
    options: ReadOptions


_ONE_COLUMN = ReadOptions(encoding="cp1252", delimiter=",", quote='"', escape="\\", header_rows=0, skip_rows=0)
_PIPES = ReadOptions(encoding="cp1252", delimiter="|", quote='"', escape="\\", header_rows=0, skip_rows=0)
_NO_QUOTES = ReadOptions(encoding="cp1252", delimiter=",", quote="", escape="\\", header_rows=0, skip_rows=0)


@st.composite
def written(draw: st.DrawFn) -> Written:
    encoding = draw(st.sampled_from(sorted(LETTERS)))
    dialect: dict[str, Any] = {
        "delimiter": draw(st.sampled_from(",;\t| :")),
        "quotechar": draw(st.sampled_from("\"'")),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n", "\r"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE])),
        "doublequote": draw(st.booleans()),
        "escapechar": "\\",
    }
    if dialect["doublequote"] and dialect["quoting"] != csv.QUOTE_NONE and draw(st.booleans()):
        dialect["escapechar"] = None
    letters = LETTERS[encoding] + "01 ,;\"'\n\r\\" + dialect["delimiter"]
    width = draw(st.integers(1, 4))
    row = st.lists(st.text(letters, max_size=6), min_size=width, max_size=width)
    rows = draw(st.lists(row, min_size=1, max_size=8))
    text = io.StringIO(newline="")
    try:
        csv.writer(text, **dialect).writerows(rows)
    except csv.Error:
        assume(False)
    # Some tables Python itself does not read back, such as those with a bare CR: these say nothing.
    assume(list(csv.reader(io.StringIO(text.getvalue(), newline=""), **dialect)) == rows)
    has_quotes = dialect["quoting"] != csv.QUOTE_NONE
    options = ReadOptions(
        encoding=encoding,
        delimiter=dialect["delimiter"],
        quote=dialect["quotechar"] if has_quotes else "",
        escape=dialect["escapechar"] or "",
        header_rows=0,
        skip_rows=0,
    )
    return Written(rows, text.getvalue().encode(encoding), options)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@example(table=Written([[" "], [""]], b' \n""\n', _ONE_COLUMN))
@example(table=Written([[" "]], b" \n", _ONE_COLUMN))
@example(table=Written([["\r\r\n"]], b'"\r\r\n"\n', _ONE_COLUMN))
@example(table=Written([["", "\r"], ["", ""]], b",\\\r\r\n,\r\n", _NO_QUOTES))
@example(table=Written([["", "a", ""]], b"|a|\n", _PIPES))
@given(table=written())
def test_tables_come_back_cell_for_cell(tmp_path: Path, table: Written) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(table.data)
    (source,) = fingerprint(str(path))
    reader = TextTable(source, table.options, Hints(), is_repairing=False)
    blocks = list(reader.blocks())
    assert [letter for block in blocks for letter in block.dead] == []
    frame = pl.concat([block.rows for block in blocks]).select(reader.columns)
    assert [list(row) for row in frame.rows()] == table.rows
