from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from expectations.drift import DriftPolicy
from tasks.ingest.csv_blocks import cut_blocks
from tests.unit.ingest.ingesting import CONTRACT, ingest

HEADER = b"id,at,price,note\n"


def test_clean_rows_are_typed_and_know_their_lines(tmp_path: Path) -> None:
    done = ingest(HEADER + b"1,2024-01-05 10:00:00,12.50,007\n2,,,\n", tmp_path)
    assert done.rows.rows() == [
        (1, datetime(2024, 1, 5, 10, tzinfo=UTC).replace(tzinfo=None), Decimal("12.50"), "007", 2, 1),
        (2, None, None, None, 3, 1),
    ]
    assert done.dead.height == 0


def test_a_record_may_span_lines(tmp_path: Path) -> None:
    done = ingest(HEADER + b'1,,,"two\nlines, ""quoted"""\n2,,,b\n', tmp_path)
    assert done.column("note") == ['two\nlines, "quoted"', "b"]
    assert done.rows.select("__line", "__span").rows() == [(2, 2), (4, 1)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"1,,x", "too_few_fields"),
        (b"1,,,x,y", "too_many_fields"),
        (b'1,,,"never closed', "bad_quote"),
        (b'1,,,"closed"too early', "bad_quote"),
        (b"1,,,a\0b", "nul_byte"),
        (b"1,,,caf\xe9", "invalid_encoding"),
    ],
)
def test_a_line_that_is_no_record_is_a_dead_letter(tmp_path: Path, line: bytes, code: str) -> None:
    good = "2,,,größe\n".encode()
    done = ingest(HEADER + good + line + b"\n" + good, tmp_path)
    assert done.reasons == [(3, "parse", code, None)]
    assert done.raw == [line]
    assert done.dead["byte_offset"].to_list() == [len(HEADER + good)]
    assert done.column("note") == ["größe", "größe"]


def test_every_bad_column_of_a_row_is_a_reason(tmp_path: Path) -> None:
    done = ingest(HEADER + b"x,2024-13-01 00:00:00,12.345,a\n1,,1,b\n", tmp_path)
    assert done.reasons == [
        (2, "cast", "cast_integer", "id"),
        (2, "cast", "cast_datetime", "at"),
        (2, "cast", "decimal_too_precise", "price"),
    ]
    assert done.raw == [b"x,2024-13-01 00:00:00,12.345,a"]
    assert done.column("id") == [1]


def test_blank_lines_are_counted_and_nothing_else(tmp_path: Path) -> None:
    done = ingest(HEADER + b"\n1,,,a\n   \n\n2,,,b\n\n", tmp_path)
    assert (done.file.rows.blank, done.file.rows.landed) == (4, 2)
    assert done.rows["__line"].to_list() == [3, 6]


def test_an_unclosed_quote_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    rows = b"".join(b"%d,2024-01-05 10:00:00,1,x\n" % n for n in range(2, 50))
    done = ingest(HEADER + b'1,,,"open\n' + rows + b'50,,,5" nails"\n', tmp_path)
    assert done.reasons == [(2, "parse", "bad_quote", None)]
    assert done.column("id") == list(range(2, 51))


def test_columns_are_found_by_name_alias_and_in_any_order(tmp_path: Path) -> None:
    done = ingest(b"note;Order_ID;extra\na;1;z\n", tmp_path)
    assert done.rows.select("id", "note", "price").rows() == [(1, "a", None)]
    assert done.findings == {"missing_columns", "extra_columns", "renamed_columns", "reordered_columns"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n \n", "empty_file"),
        (HEADER, "header_only"),
        (b"at,price,note\n,,\n", "wrong_schema"),
        (b"some,other,table\n1,2,3\n", "wrong_schema"),
    ],
)
def test_a_file_that_cannot_be_landed_is_one_dead_letter(tmp_path: Path, data: bytes, code: str) -> None:
    done = ingest(data, tmp_path)
    assert done.file.landed is None
    assert [reason[2] for reason in done.reasons] == [code]


def test_a_cut_gzip_is_one_dead_letter(tmp_path: Path) -> None:
    packed = gzip.compress(HEADER + b"1,,,a\n" * 1000)
    done = ingest(packed[:-20], tmp_path, name="orders.csv.gz")
    assert done.file.landed is None
    assert [reason[2] for reason in done.reasons] == ["truncated_archive"]


def test_too_many_rejects_make_the_file_one_dead_letter(tmp_path: Path) -> None:
    strict = CONTRACT.model_copy(update={"limits": CONTRACT.limits.model_copy(update={"file_rejected_share": 0.5})})
    done = ingest(HEADER + b"1,,,a\n\nx,,,b\ny,,,c\n", tmp_path, strict)
    assert done.file.landed is None
    assert done.dead.select("line", "records", "stage").rows() == [(0, 3, "parse")]
    assert done.file.rows.model_dump() == {"read": 4, "landed": 0, "dead": 3, "blank": 1}


def test_a_flood_of_broken_lines_keeps_the_order_and_loses_none(tmp_path: Path) -> None:
    count = 45_000  # more than are handed on at once
    lines = [(b"%d,,,a", b"x,,,b", b"%d,,c")[n % 3].replace(b"%d", b"%d" % n) for n in range(count)]
    done = ingest(HEADER + b"\n".join(lines) + b"\n\n", tmp_path)
    assert done.column("id") == list(range(0, count, 3))
    assert done.rows["__line"].to_list() == list(range(2, count + 2, 3))
    broken = [n for n in range(count) if n % 3]
    assert done.dead["line"].to_list() == [n + 2 for n in broken]
    assert done.raw == [lines[n] for n in broken]
    assert done.file.rows.blank == 1


def test_a_file_without_header_is_read_by_place_if_its_rows_fit(tmp_path: Path) -> None:
    done = ingest(b"1,2024-01-05 10:00:00,1,a\n2,2024-01-06 10:00:00,2,b\n", tmp_path)
    assert done.column("id") == [1, 2]
    assert "no_header" in done.findings


def test_lines_before_the_header_are_left_out(tmp_path: Path) -> None:
    done = ingest(b"Orders of January\n\n" + HEADER + b"1,,,a\n", tmp_path)
    assert done.rows.select("id", "__line").rows() == [(1, 4)]
    assert done.file.dialect is not None
    assert done.file.dialect.skip_rows == 2


def test_a_cell_too_many_is_noticed_in_a_file_with_columns_that_nobody_wants(tmp_path: Path) -> None:
    data = b"id,extra,note\n1,x,a\n2,x,b,too many\n3,x,c,\n4,x,d\n"
    done = ingest(data, tmp_path)
    assert done.column("id") == [1, 4]
    assert done.raw == [b"2,x,b,too many", b"3,x,c,"]


@pytest.mark.parametrize("delimiter", ["||", ", ", "¦", "|~|"])
def test_delimiters_of_several_bytes(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "price", "note"], ["1", "2.50", f'"a{delimiter}b"'], ["x", "3", "c"], ["2", "3"], ["4", "", "d"]]
    data = "".join(delimiter.join(line) + "\n" for line in lines).encode()
    done = ingest(data, tmp_path)
    assert done.file.dialect is not None
    assert done.file.dialect.delimiter == delimiter
    assert done.rows.select("id", "note").rows() == [(1, f"a{delimiter}b"), (4, "d")]
    assert done.raw == [delimiter.join(lines[2]).encode(), delimiter.join(lines[3]).encode()]
    assert done.dead["byte_offset"].to_list() == [data.index(raw) for raw in done.raw]


def test_rows_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Lines are read in different ways: plain, with literal quotes, quoted, over several lines, not cast at once."""
    data = b'id,at,price,note\n1,,,a"b\n2,,,c\n3,x\n4,,,"d"\n5,,,"e\nf"\n 6,,,g\n7,,,h\n'
    done = ingest(data, tmp_path)
    assert done.column("id") == [1, 2, 4, 5, 6, 7]
    assert done.column("__line") == [2, 3, 5, 6, 8, 9]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig", "shift_jis", "gb18030"])
def test_raw_bytes_and_offsets_are_those_of_the_file(tmp_path: Path, encoding: str) -> None:
    word = {"shift_jis": "たなかタロウ東京です", "gb18030": "王小明北京李华上海"}.get(
        encoding, "Århus Søren Kjær Größe"
    )
    text = HEADER.decode() + f"1,,,{word}\nx,,,{word} b\n2,,{word}\n3,,,{word}\n" * 5
    data = text.encode(encoding)
    done = ingest(data, tmp_path)
    assert done.column("note") == [word] * 10
    assert len(done.raw) == 10
    for raw, offset in done.dead.select("raw", "byte_offset").iter_rows():
        assert data[offset : offset + len(raw)] == raw
        assert word in raw.decode(encoding.replace("utf-16", "utf-16-le"))


def test_lines_that_end_in_different_ways(tmp_path: Path) -> None:
    lines = [b"1,,,a\r", b"2,,,b\r\n", b'3,,,"c\nd"\r', b"x,,,e\r", b"4,,,f\n"]
    done = ingest(HEADER + b"".join(lines), tmp_path)
    assert done.rows.select("id", "note", "__line").rows() == [(1, "a", 2), (2, "b", 3), (3, "c\nd", 4), (4, "f", 7)]
    assert done.raw == [b"x,,,e"]
    assert done.dead["byte_offset"].to_list() == [len(HEADER + b"".join(lines[:3]))]
    assert "mixed_line_ends" in done.findings


def test_a_carriage_return_in_a_cell_is_no_line_end(tmp_path: Path) -> None:
    done = ingest(HEADER + b'1,,,"a\rb"\n2,,,c\n', tmp_path)
    assert done.column("note") == ["a\rb", "c"]
    assert "mixed_line_ends" not in done.findings


@pytest.mark.parametrize("cut", [b"9,,", b'9,,,"cut', b'9,"'])
def test_a_file_that_ends_within_a_record_says_so(tmp_path: Path, cut: bytes) -> None:
    done = ingest(HEADER + b"1,,,a\n" * 5 + cut, tmp_path)
    assert done.raw == [cut]
    assert "cut_off" in done.findings
    assert "cut_off" not in ingest(HEADER + b"1,,,a\n" * 5 + cut + b"\n9,,,b", tmp_path).findings


@pytest.mark.parametrize(
    ("second", "line"), [(b"\nStock\nitem,count\nnail,7\nscrew,9\n", 9), (HEADER + b"0,2024-01-05 10:00:00,1,a\n", 8)]
)
def test_another_table_in_the_file_is_said(tmp_path: Path, second: bytes, line: int) -> None:
    rows = b"".join(b"%d,2024-01-05 10:00:00,1,a\n" % n for n in range(6))
    done = ingest(HEADER + rows + second, tmp_path)
    assert [finding.message for finding in done.file.findings if finding.code == "several_tables"] == [
        f"another table begins in line {line}; what of it does not fit the first one is rejected"
    ]
    assert "several_tables" not in ingest(HEADER + rows, tmp_path).findings


BOX = b"""\
+----+-------+------+
| id | price | note |
+----+-------+------+
|  1 |  1.50 | a    |
|  2 |  2.50 | b    | more
+----+-------+------+
"""


@pytest.mark.parametrize("policy", ["fail", "evolve", "freeze"])
def test_pipes_at_both_ends_frame_the_table(tmp_path: Path, policy: str) -> None:
    contract = CONTRACT.model_copy(update={"drift": CONTRACT.drift.model_copy(update={"extra": DriftPolicy(policy)})})
    done = ingest(BOX, tmp_path, contract)
    assert done.column("id") == [1]
    assert set(done.rows.columns) == {*CONTRACT.columns, "__line", "__span"}
    assert [reason[:3] for reason in done.reasons] == [
        (3, "parse", "too_few_fields"),
        (5, "cast", "extra_column"),
        (6, "parse", "too_few_fields"),
    ]
    assert "extra_columns" not in done.findings


@pytest.mark.parametrize(("null_values", "missing"), [(["", "NA"], {"", "NA"}), (["NA"], {"NA"}), ([], set())])
@pytest.mark.parametrize("form", ["{}", '"{}"'])
def test_texts_read_as_missing_are_null(tmp_path: Path, form: str, null_values: list[str], missing: set[str]) -> None:
    notes = ["NA", "", "na", "long enough", "NA"]
    contract = CONTRACT.model_copy(update={"null_values": tuple(null_values)})
    lines = (f"{number},2026-01-01 00:00:00,1.00,{form.format(note)}\n" for number, note in enumerate(notes))
    done = ingest(b"id,at,price,note\n" + "".join(lines).encode(), tmp_path, contract)
    assert done.column("note") == [None if note in missing else note for note in notes]


def test_broken_lines_are_the_same_wherever_the_file_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = [b"x,,,cast", b"1,,", b'1,,,"a"b', b'1,05/01/2024,,"two\nlines"', b"NA,,,missing", b"id,at,price,note", b""]
    good = b"\n".join(b"%d,2024-01-05 10:00:00,12.50,%s" % (number, b"-" * 90) for number in range(4000))
    broken = [b"\n".join(kinds[place:] + kinds[:place]) for place in range(len(kinds))]
    data = HEADER + b"\n".join(
        part for some in [[], broken[:1], [], *([one] for one in broken[1:])] for part in [*some, good]
    )
    whole = ingest(data, tmp_path)
    monkeypatch.setattr("tasks.ingest.csv_source.cut_blocks", partial(cut_blocks, block_bytes=512 << 10))
    cut = ingest(data, tmp_path)
    assert cut.file.rows == whole.file.rows
    assert cut.rows.equals(whole.rows)
    assert cut.dead.equals(whole.dead)
    starts = whole.dead["byte_offset"].to_list()
    assert [data[at : at + len(raw)] for at, raw in zip(starts, whole.raw, strict=True)] == whole.raw
    assert len(whole.raw) == 4 * len(broken)


def test_an_open_quote_does_not_swallow_rows_of_numbers_in_a_format(tmp_path: Path) -> None:
    columns = {
        name: CONTRACT.columns[name].model_copy(update={"number_format": "1.234,56"}) for name in ("id", "price")
    }
    contract = CONTRACT.model_copy(update={"columns": {**CONTRACT.columns, **columns}})
    rows = [f"1.00{at};;1.000,5{at};a" for at in range(1, 9)]
    rows[3] = '1.004;;2,00;"never closed'
    rows[6] = '1.007;;2,00;b"'
    done = ingest("\n".join(["id;at;price;note", *rows, ""]).encode(), tmp_path, contract)
    assert done.reasons == [(5, "parse", "bad_quote", None)]
    assert done.column("id") == [1001, 1002, 1003, 1005, 1006, 1007, 1008]
