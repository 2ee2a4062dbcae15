"""Each line in quotes as a whole: the table is what is within."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.ingest.csv_source import Hints
from tasks.ingest.dialect import detect_dialect
from tasks.ingest.options import ReadOptions
from tasks.ingest.reading import read_file
from tasks.ingest.text_table import TextTable
from tasks.sources import fingerprint
from tests.unit.ingest.ingesting import ingest

QUOTED = b'''\
"id,at,price,note"
"1,2026-01-01 10:00:00,1.50,plain"

"2,2026-01-02 10:00:00,2.50,""a, b"""
"3,2026-01-03 10:00:00,3.50,""two
lines"""
"4,never,4.50,x"
"5,2026-01-05 10:00:00"
6,2026-01-06 10:00:00,6.50,bare
"7,2026-01-07 10:00:00,7.50,"x"
"8,2026-01-08 10:00:00,8.50,last"
"9,2026-01-09 10:00:00,9.50,"
"10,2026-01-10 10:00:00,10.50,"
'''


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_the_table_within_is_landed(tmp_path: Path, line_end: bytes) -> None:
    data = QUOTED.replace(b"\n", line_end)
    done = ingest(data, tmp_path)
    assert done.column("id") == [1, 2, 3, 6, 8, 9, 10]
    assert done.column("__line") == [2, 4, 5, 9, 11, 12, 13]
    assert done.column("note") == ["plain", "a, b", f"two{line_end.decode()}lines", "bare", "last", None, None]
    assert [(line, code) for line, _, code, _ in done.reasons] == [
        (7, "cast_datetime"),
        (8, "too_few_fields"),
        (10, "bad_quote"),
    ]
    assert [data[at : at + len(raw)] for at, raw in zip(done.dead["byte_offset"], done.raw, strict=True)] == done.raw
    assert done.file.rows.blank == 1
    assert "quoted_lines" in done.findings


def test_inspect_repairs_what_is_within(tmp_path: Path) -> None:
    path = tmp_path / "quoted.csv"
    rows = "".join(f'"{at},2026-01-0{at},n{at}"\n' for at in range(1, 9))
    path.write_text(f'"id,day,note"\n{rows}"9,2026-01-09,so, so"\n', encoding="utf-8")
    (source,) = fingerprint(str(path))
    read = read_file(source, ReadOptions())
    assert read.header == ["id", "day", "note"]
    assert read.first_rows[-1] == ("9", "2026-01-09", "so, so")


@pytest.mark.parametrize(
    "lines",
    [
        ["note", "Sent by post, and paid, in cash", "Box of nails, red, new", "On hold, again, today"],
        ["name", "Berg,Anna", "Lund,Bo", "Ek,Dag"],
        ['{""a"": 1,""b"": 2,""c"": 3}', '{""a"": 3,""b"": 2,""c"": 3}', '{""a"": 5,""b"": 2,""c"": 3}'],
        ["POINT(1 2,3 4,5 6)", "POINT(2 2,3 4,5 7)", "POINT(3 2,3 4,5 8)"],
        ["just", "one", "column"],
    ],
)
def test_texts_in_one_column_stay_texts(lines: list[str]) -> None:
    assert not detect_dialect("".join(f'"{line}"\n' for line in lines)).has_quoted_lines


def test_records_in_one_pair_of_quotes_have_lines_of_their_own(tmp_path: Path) -> None:
    rows = b"".join(b'"%d,,1.50,x"\n' % at for at in range(3, 9))
    done = ingest(b'"id,at,price,note"\n"1,,1.50,a\n2,,1.50,b"\n' + rows, tmp_path)
    assert done.column("id") == list(range(1, 9))
    assert done.column("__line") == list(range(2, 10))


def test_inspect_repairs_single_lines_in_quotes(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    plain = "".join(f"{number},name {number},{number}.50\n" for number in range(20))
    path.write_text(f'id,name,price\n{plain}"20,""a, b"",20.50"\n"21,c,21.50"\n')
    table = TextTable(fingerprint(str(path))[0], ReadOptions(), Hints())
    rows = [row for block in table.blocks() for row in block.rows.select(table.columns).rows()]
    assert rows[20:] == [("20", "a, b", "20.50"), ("21", "c", "21.50")]
