"""Files put together from several, or printed on pages: the header again, and byte order marks, where lines begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.contract import Contract
from tasks.ingest.options import ReadOptions
from tasks.ingest.reading import FileReading, read_file
from tasks.sources import fingerprint
from tests.unit.ingest.ingesting import CONTRACT, ingest

HEADER = "id,at,price,note\n"
FIRST, SECOND, THIRD = (f"{at},2026-01-0{at} 10:00:00,{at}.50,n{at}\n" for at in (1, 2, 3))
MARK = "\ufeff"
TEXTS = CONTRACT.model_validate(
    {
        "dataset": "texts",
        "columns": {name: {"type": "string"} for name in ("id", "at", "price", "note")},
        "limits": {"file_rejected_share": 1.0},
    }
)


def inspected(text: str, folder: Path) -> FileReading:
    path = folder / "joined.csv"
    path.write_text(text, encoding="utf-8", newline="")
    (source,) = fingerprint(str(path))
    return read_file(source, ReadOptions())


@pytest.mark.parametrize("contract", [CONTRACT, TEXTS], ids=["typed", "texts"])
@pytest.mark.parametrize("between", ["", "\n", "\f", MARK])
def test_the_header_again_is_no_record(tmp_path: Path, contract: Contract, between: str) -> None:
    text = HEADER + FIRST + SECOND + between + HEADER + THIRD + HEADER
    done = ingest(text.encode(), tmp_path, contract)
    assert done.column("note") == ["n1", "n2", "n3"]
    assert [reason[1:] for reason in done.reasons] == 2 * [("cast", "repeated_header", None)]
    assert [raw.endswith(HEADER.strip().encode()) for raw in done.raw] == [True, True]
    assert done.file.rows.blank == (between == "\n")
    assert [(found.code, found.count) for found in done.file.findings] == [("repeated_header", 2)]


@pytest.mark.parametrize("between", ["", "\n", "\f", MARK])
def test_inspect_reads_on_below_it(tmp_path: Path, between: str) -> None:
    read = inspected(HEADER + 3 * FIRST + between + HEADER + 3 * SECOND, tmp_path)
    assert [row[0] for row in read.first_rows] == ["1", "1", "1", "2", "2", "2"]
    assert read.blank == 1 + (between == "\n")
    assert [(found.code, found.count) for found in read.findings] == [("repeated_header", 1)]


def test_inspect_reads_a_table_that_is_there_twice_once(tmp_path: Path) -> None:
    read = inspected(2 * (HEADER + FIRST + SECOND + THIRD), tmp_path)
    assert read.rows == 3
    assert [found.code for found in read.findings] == ["several_tables"]


def test_a_value_that_is_like_a_name_is_a_value(tmp_path: Path) -> None:
    done = ingest(f"{HEADER}id,1,1,note\na,b,c,note\n".encode(), tmp_path, TEXTS)
    assert done.rows.height == 2
    assert done.findings == set()


def test_a_byte_order_mark_where_a_line_begins_is_no_text(tmp_path: Path) -> None:
    quoted = '"3",2026-01-03 10:00:00,3.50,"three\n' + MARK + 'lines"\n'
    done = ingest(f"{MARK}{HEADER}{FIRST}{MARK}{SECOND}{MARK}{quoted}{MARK}".encode(), tmp_path)
    assert done.column("id") == [1, 2, 3]
    assert done.column("note") == ["n1", "n2", f"three\n{MARK}lines"]
    assert done.reasons == [(6, "parse", "too_few_fields", None)]


def test_a_broken_line_keeps_its_byte_order_mark(tmp_path: Path) -> None:
    data = f"{MARK}{HEADER}{FIRST}{MARK}2,never,1,x\n".encode()
    done = ingest(data, tmp_path)
    assert done.raw == [f"{MARK}2,never,1,x".encode()]
    assert done.dead["byte_offset"].to_list() == [data.index(done.raw[0])]


def test_a_byte_order_mark_before_an_object_is_no_text(tmp_path: Path) -> None:
    data = f'{{"id": 1, "note": "a"}}\n{MARK}{{"id": 2, "note": "b"}}\n{MARK}{{oh}}\n'.encode()
    done = ingest(data, tmp_path, name="orders.ndjson")
    assert done.column("id") == [1, 2]
    assert done.raw == [f"{MARK}{{oh}}".encode()]
