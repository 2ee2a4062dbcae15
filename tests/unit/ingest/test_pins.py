"""What a contract pins of its sources: it is followed, and where it does not fit that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from expectations.contract import Contract
from tests.unit.ingest.ingesting import CONTRACT, Ingested, ingest

HEADER = b"id,at,price,note\n"


def land(data: bytes, folder: Path, name: str = "orders.csv", **pins: Any) -> Ingested:
    contract = CONTRACT.model_validate({**CONTRACT.model_dump(), "sources": [pins]})
    return ingest(data, folder, contract, name)


def said(done: Ingested) -> str:
    (found,) = (finding.message for finding in done.file.findings if finding.code == "pin_in_doubt")
    return found


def why(done: Ingested) -> str:
    message: str = done.dead["reasons"][0][0]["message"]
    return message


def test_signs_are_what_the_contract_says(tmp_path: Path) -> None:
    data = b"id^note\n1^'a^^b'\n2^'it~'s'\n3^\"\n"
    done = land(data, tmp_path, delimiter="^", quote="'", escape="~")
    assert done.column("note") == ["a^^b", "it's", '"']
    assert done.file.dialect is not None
    assert (done.file.dialect.quote, done.file.dialect.escape) == ("'", "~")


def test_a_quote_may_be_pinned_to_none(tmp_path: Path) -> None:
    assert land(b'id,note\n1,"a\n2,b"\n', tmp_path, quote="none").column("note") == ['"a', 'b"']


def test_the_encoding_is_what_the_contract_says(tmp_path: Path) -> None:
    done = land("id,note\n1,žluť\n".encode("iso8859-2"), tmp_path, encoding="latin2")
    assert done.column("note") == ["žluť"]
    assert (done.file.encoding, done.file.encoding_confidence) == ("iso8859-2", 1.0)


@pytest.mark.parametrize("name", ["orders.ndjson", "orders.json"])
def test_the_encoding_of_objects_as_well(tmp_path: Path, name: str) -> None:
    text = '[{"id":1,"note":"žluť"}]' if name.endswith("json") and "nd" not in name else '{"id":1,"note":"žluť"}\n'
    assert land(text.encode("iso8859-2"), tmp_path, name, encoding="latin2").column("note") == ["žluť"]


def test_the_header_begins_after_the_lines_to_skip(tmp_path: Path) -> None:
    data = b"id,note\nid,note\nid,note\n1,a\n"
    done = land(data, tmp_path, skip_rows=2)
    assert (done.column("note"), done.file.rows.read) == (["a"], 1)
    assert done.rows["__line"].to_list() == [4]


@pytest.mark.parametrize("header", [b"id,note\nnumber,text\n", b"number,text\nid,note\n", b",no\nid,te\n"])
def test_a_header_of_several_rows_has_its_names_where_the_contract_knows_them(tmp_path: Path, header: bytes) -> None:
    note = {"type": "string", "aliases": ["no te"]}
    contract = {
        "dataset": "orders",
        "columns": {"id": {"type": "integer"}, "note": note},
        "sources": [{"header_rows": 2}],
    }
    done = ingest(header + b"1,a\n", tmp_path, Contract.model_validate(contract))
    assert (done.column("id"), done.column("note"), done.file.rows.read) == ([1], ["a"], 1)


def test_no_header_is_believed_even_where_no_cell_can_tell(tmp_path: Path) -> None:
    contract = CONTRACT.model_copy(update={"columns": {"a": CONTRACT.columns["note"], "b": CONTRACT.columns["note"]}})
    pinned = contract.model_validate({**contract.model_dump(), "sources": [{"header_rows": 0}]})
    done = ingest(b"x,y\nz,w\n", tmp_path, pinned)
    assert (done.column("a"), done.findings) == (["x", "z"], {"no_header"})
    assert "3 columns where the contract has 2" in why(ingest(b"x,y,z\n", tmp_path, pinned))


def test_the_line_end_may_be_pinned(tmp_path: Path) -> None:
    done = land(b'id,note\r1,"a"\r2,b\nc\r', tmp_path, line_end="CR")
    assert done.column("note") == ["a", "b\nc"]


def test_of_several_that_fit_the_first_counts_and_other_files_are_found_out(tmp_path: Path) -> None:
    sources = [{"files": "a*.CSV", "delimiter": "|"}, {"files": "*", "delimiter": ";"}]
    contract = CONTRACT.model_validate({**CONTRACT.model_dump(), "sources": sources})
    for name, data in {"a1.csv": b"id|note\n1|a;b\n", "b.csv": b"id;note\n1;a|b\n"}.items():
        assert ingest(data, tmp_path, contract, name).column("note") == [data[-4:-1].decode()]


def test_a_delimiter_that_leaves_one_column_is_said(tmp_path: Path) -> None:
    done = land(HEADER + b"1,,,a\n", tmp_path, delimiter="|")
    assert done.reasons == [(0, "parse", "wrong_schema", None)]
    assert "given: delimiter '|'" in why(done)
    assert said(done) in why(done)
    assert said(done) == "parted by '|', which is given, the lines have one column; ',' fits better"


def test_an_encoding_that_fails_is_said(tmp_path: Path) -> None:
    done = land(HEADER + "1,,,größe\n2,,,a\n".encode("cp1252"), tmp_path, encoding="utf-8")
    assert done.reasons == [(2, "parse", "invalid_encoding", None)]
    done = land(HEADER + b"1,,,a\n", tmp_path, encoding="utf-16")
    assert done.reasons == [(0, "parse", "wrong_schema", None)]
    assert said(done) == "read as utf-16-le, which is given; its bytes look like utf-8 (ASCII only)"


def test_an_encoding_that_never_fails_is_said_where_it_does_not_fit(tmp_path: Path) -> None:
    done = land(HEADER + "1,,,größe\n".encode(), tmp_path, encoding="latin-1")
    assert "bytes look like utf-8" in said(done)
    assert done.column("note") == ["grÃ¶Ã\x9fe"]


def test_a_pin_that_fits_raises_no_doubt(tmp_path: Path) -> None:
    assert land(HEADER + b"1,,,a\n", tmp_path, encoding="cp1252", delimiter=",").findings == set()
