"""JSON, NDJSON and Parquet read as records: every value as it is written, every bad record by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest import json_records, ndjson_records
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.encoding import UTF_8, given_encoding
from tasks.ingest.faults import FileError
from tasks.ingest.json_records import JsonArrayReader
from tasks.ingest.json_rows import MAX_KEYS, JsonRows
from tasks.ingest.ndjson_records import read_ndjson
from tasks.ingest.parquet_records import read_parquet
from tasks.ingest.utf8_stream import Utf8Stream, utf8_stream

VALUES = {
    '"text"': "text",
    '"with \\"quotes\\", \\\\, \\n and \\u00f8 \\ud83d\\ude00"': 'with "quotes", \\, \n and ø 😀',
    '"æøå 漢"': "æøå 漢",
    '""': "",
    '"null"': "null",
    "null": None,
    "12.30": "12.30",
    "-0.0": "-0.0",
    "1e400": "1e400",
    "9007199254740993": "9007199254740993",
    "0.1000000000000000055511151231257827": "0.1000000000000000055511151231257827",
    "true": "true",
    '{"b":  [1, "}"]}': '{"b":  [1, "}"]}',
    "[]": "[]",
}


@pytest.fixture(autouse=True, params=[1, 10**9], ids=["cut", "decoded"])
def _few_lines_are_enough(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that are all written alike are cut by places where there are enough of them."""
    monkeypatch.setattr(ndjson_records, "_EVEN_LINES", request.param)


class Read:
    """All blocks of a file as one."""

    def __init__(self, blocks: Iterator[RecordBlock]) -> None:
        self.blocks = list(blocks)
        self.records = pl.concat([block.records for block in self.blocks], how="diagonal")
        self.dead = [letter for block in self.blocks for letter in block.dead]
        self.blank = sum(block.blank for block in self.blocks)
        self.raw = [one for block in self.blocks for one in block.locate(block.records)]


def _lines(content: bytes | str, rows: JsonRows | None = None) -> Read:
    data = content.encode() if isinstance(content, str) else content
    return Read(read_ndjson(BytesIO(data), rows or JsonRows()))


def _array(content: str, rows: JsonRows | None = None) -> Read:
    return Read(JsonArrayReader(BytesIO(content.encode()), rows or JsonRows()).blocks())


@pytest.fixture(params=["lines", "array"])
def read_objects(request: pytest.FixtureRequest) -> object:
    """Reads texts of objects in one format or the other."""
    if request.param == "lines":
        return lambda texts, rows=None: _lines("\n".join(texts), rows)
    return lambda texts, rows=None: _array("[" + ",\n".join(texts) + "]", rows)


def test_values_come_as_they_are_written(read_objects) -> None:  # type: ignore[no-untyped-def]
    read = read_objects([f'{{"a": {written}, "b": 1}}' for written in VALUES])
    assert read.records["a"].to_list() == list(VALUES.values())
    assert read.records.schema == {"a": pl.String, "b": pl.String, LINE: pl.Int64, SPAN: pl.UInt32}
    assert [one.raw.decode() for one in read.raw] == [f'{{"a": {written}, "b": 1}}' for written in VALUES]


def test_columns_of_one_kind(read_objects) -> None:  # type: ignore[no-untyped-def]
    for kind in (["1", "2.50"], ['"x"', '"y\\t"'], ["null", "null"]):
        read = read_objects([f'{{"a": {written}}}' for written in kind])
        assert read.records["a"].to_list() == [VALUES.get(one, one.strip('"').replace("\\t", "\t")) for one in kind]


def test_keys_come_and_go_in_any_order(read_objects) -> None:  # type: ignore[no-untyped-def]
    rows = JsonRows()
    read = read_objects(['{"a": 1, "b ø": 2}', '{"b ø": 3}', "{}", '{"c": null, "a": 4}', '{"\\u0061": 5}'], rows)
    assert rows.keys == ["a", "b ø", "c"]
    assert read.records.select("a", "b ø", "c").rows() == [
        ("1", "2", None),
        (None, "3", None),
        (None, None, None),
        ("4", None, None),
        ("5", None, None),
    ]


def test_keys_of_any_kind(read_objects) -> None:  # type: ignore[no-untyped-def]
    rows = JsonRows()
    read = read_objects(['{"a": 1}', '{"\\n\\"": 2, "a": 3}', '{"": [4], "*": 5}', '{"a": {}}'], rows)
    assert rows.keys == ["a", '\n"', "", "*"]
    assert read.records.drop(LINE, SPAN).rows() == [
        ("1", None, None, None),
        ("3", "2", None, None),
        (None, None, "[4]", "5"),
        ("{}", None, None, None),
    ]


def test_a_key_that_is_there_twice_is_noted(read_objects) -> None:  # type: ignore[no-untyped-def]
    rows = JsonRows()
    nested = '{"a": {"x": 1, "y": 2}, "b": "\\":"}'
    read = read_objects(['{"a": 1, "b": 2, "a": 3}', nested, '{"a" : 1}', '{"a": 1, "a": 1}'], rows)
    assert read.records["a"].to_list() == ["3", '{"x": 1, "y": 2}', "1", "1"]
    assert [(finding.code, finding.count) for finding in rows.findings()] == [("double_keys", 2)]


def test_too_many_keys_are_not_read(read_objects) -> None:  # type: ignore[no-untyped-def]
    rows = JsonRows()
    read = read_objects([f'{{"k{n}": {n}}}' for n in range(MAX_KEYS + 50)], rows)
    assert read.records.shape == (MAX_KEYS + 50, MAX_KEYS + 2)
    assert [finding.code for finding in rows.findings()] == ["too_many_keys"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b'{"a": 1', "bad_json"),
        (b'{"a": 01}', "bad_json"),
        (b'{"a": "\\ud800"}', "bad_json"),
        (b'{"a": 1}{"a": 2}', "bad_json"),
        (b'{"a": 1},', "bad_json"),
        (b'{"a": NaN}', "bad_json"),
        (b'{"a": "tab\there"}', "bad_json"),
        (b'{"new": 1, "a": 01}', "bad_json"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "bad_json"),
        (b"[1]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"a": "\xff"}', "invalid_encoding"),
        (b'{"a": {"\xc3": 1}}', "invalid_encoding"),
        (b'{"a": "\x00"}', "nul_byte"),
    ],
)
def test_a_bad_line_is_one_dead_letter(bad: bytes, code: str) -> None:
    content = b'{"a": 1}\n' * 100 + bad + b'\r\n\n{"a": "\xc3\xb8"}\n  \n'
    read = _lines(content)
    assert read.records["a"].to_list() == ["1"] * 100 + ["ø"]
    assert read.records[LINE].to_list() == [*range(1, 101), 103]
    assert [(one.line, one.last_line, one.byte_offset, one.raw, one.code) for one in read.dead] == [
        (101, 101, 900, bad, code)
    ]
    assert read.blank == 2
    assert read.raw[-1].byte_offset == content.index(b'{"a": "\xc3\xb8')


def test_every_second_line_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson_records, "_BLOCK_BYTES", 1000)
    lines = [json.dumps({"a": n, "b": "x" * (n % 50)})[: None if n % 2 else -1] for n in range(2000)]
    read = _lines("\n".join(lines))
    assert len(read.blocks) > 10
    assert read.records["a"].to_list() == [str(n) for n in range(1, 2000, 2)]
    assert read.records[LINE].to_list() == list(range(2, 2001, 2))
    assert [(one.line, (one.raw or b"").decode()) for one in read.dead] == [
        (n + 1, lines[n]) for n in range(0, 2000, 2)
    ]


def test_an_object_over_two_lines_is_two_dead_letters_even_if_counts_agree() -> None:
    read = _lines('{"a": 1,\n"b": 2}\n{"a": 3}{"a": 4}\n{"a": 5}\n')
    assert [one.line for one in read.dead] == [1, 2, 3]
    assert read.records["a"].to_list() == ["5"]


def test_line_ends_and_byte_order() -> None:
    read = Read(read_ndjson(BytesIO(b'{"a": 1}\r\n{"a": 2}'), JsonRows(), UTF_8._replace(bom_bytes=3)))
    assert [(one.byte_offset, one.raw) for one in read.raw] == [(3, b'{"a": 1}'), (13, b'{"a": 2}')]
    assert Read(read_ndjson(BytesIO(b"\n"), JsonRows())).blank == 1


@pytest.mark.parametrize("name", ["cp1252", "utf-16-be", "shift_jis"])
def test_bytes_and_places_are_those_of_the_file(name: str) -> None:
    lines = ['{"a": "æ"}', '{"a": "bad, ø', '{"a": "漢"}', "[1]", "{}"]
    lines = [line.replace("æ", "A").replace("ø", "O") if name == "shift_jis" else line for line in lines]
    content = [line.encode(name, "replace") for line in lines]
    encoding = given_encoding(name)

    def text(end: str) -> Utf8Stream:
        return utf8_stream(BytesIO(end.encode(name).join(content)), encoding)

    read = Read(read_ndjson(text("\n"), JsonRows(), encoding))
    assert [one.raw for one in read.dead] == [content[1], content[3]]
    assert [one.raw for one in read.raw] == content[::2]
    width = len("\n".encode(name))
    starts = [sum(map(len, content[:n])) + n * width for n in range(5)]
    assert [one.byte_offset for one in sorted([*read.dead, *read.raw])] == starts
    array = Read(JsonArrayReader(text(","), JsonRows(), encoding).blocks())
    assert [one.raw for one in array.raw] == [content[0], content[2], content[4]]


def test_a_broken_element_is_one_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "_BLOCK_BYTES", 1000)
    elements = [json.dumps({"a": n, "b": ["x", {"y": n}]}) for n in range(5000)]
    elements[1234], elements[4321] = '{"a": 1, "b": }', "[3]"
    text = "[" + ",\n".join(elements) + "]"
    rows = JsonRows()
    read = _array(text, rows)
    assert [(one.line, one.code) for one in read.dead] == [(1235, "bad_json"), (4322, "not_an_object")]
    assert text.encode()[read.dead[0].byte_offset or 0 :].startswith(b'{"a": 1, "b": }')
    good = [n for n in range(5000) if n not in (1234, 4321)]
    assert read.records[LINE].to_list() == [n + 1 for n in good]
    assert read.records["a"].to_list() == [str(n) for n in good]
    assert [(one.raw or b"").decode() for one in read.raw] == [elements[n] for n in good]
    assert rows.double_keys == 0


def test_what_was_understood_of_an_array_is_said() -> None:
    reader = JsonArrayReader(BytesIO(b'{"page": 1, "items": [{"a": 1}, {"a": '), JsonRows())
    read = Read(reader.blocks())
    assert read.records["a"].to_list() == ["1"]
    assert [one.code for one in read.dead] == ["bad_json"]
    assert [finding.code for finding in reader.findings()] == ["wrapped_array", "cut_off"]


def test_what_is_no_json_is_a_fault_of_the_file() -> None:
    with pytest.raises(FileError) as caught:
        _array("<html></html>")
    assert caught.value.code == "not_json"


def test_parquet_rows_keep_their_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame({"a": [1, None], "b": [Decimal("1.10"), Decimal("2.00")], "c": [[1], None]})
    frame.write_parquet(path)
    read = Read(read_parquet(path))
    assert read.records.drop(LINE, SPAN).equals(frame)
    assert read.records[LINE].to_list() == [1, 2]
    assert read.raw[1].raw == b'{"a": null, "b": "2.00", "c": null}'
    assert read.dead == []


def test_parquet_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.ingest.parquet_sizes.BATCH_ROWS", 100)
    monkeypatch.setattr("tasks.ingest.parquet_records.BATCH_ROWS", 100)
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": range(1000)}).write_parquet(path, row_group_size=170)
    read = Read(read_parquet(path))
    assert read.records["a"].to_list() == list(range(1000))
    assert read.records[LINE].to_list() == list(range(1, 1001))
    assert json.loads(read.raw[-1].raw or b"") == {"a": 999}


def test_parquet_text_that_is_no_text_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": ["some text"] * 3}).write_parquet(path, compression="uncompressed", statistics=False)
    path.write_bytes(path.read_bytes().replace(b"some text", b"some \xff\xff\xff\xff"))
    with pytest.raises(FileError) as caught:
        Read(read_parquet(path))
    assert caught.value.code == "damaged_file"


def test_damaged_parquet_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": range(10_000)}).write_parquet(path)
    whole = path.read_bytes()
    for damaged in (whole[:-10], whole[: len(whole) // 2], b"PAR1", whole[:50] + b"\xff" * 200 + whole[250:]):
        path.write_bytes(damaged)
        with pytest.raises(FileError) as caught:
            Read(read_parquet(path))
        assert caught.value.code == "damaged_file"
