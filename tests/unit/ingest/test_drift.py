"""Drift is policy: each kind of drift, under each policy, in each format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.contract import Contract
from flows.readmission import Candidate, readmit, with_rows
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.models import FileFacts
from tests.unit.ingest.ingesting import Ingested, ingest

FORMATS = ("csv", "json", "ndjson", "parquet")
Table = dict[str, list[Any]]


def contract_of(file_rejected_share: float = 1.0, /, **drift: str) -> Contract:
    return Contract.model_validate(
        {
            "dataset": "orders",
            "columns": {
                "id": {"type": "integer", "aliases": ["order_id"]},
                "price": {"type": "decimal", "scale": 2},
                "note": {"type": "string"},
            },
            "drift": drift,
            "limits": {"file_rejected_share": file_rejected_share},
        }
    )


def written(table: Table, form: str) -> bytes:
    """The same table in a format; None is an empty cell of a CSV file."""
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    if form == "parquet":
        file = io.BytesIO()
        pl.DataFrame(table).write_parquet(file)
        return file.getvalue()
    if form == "json":
        return json.dumps(rows).encode()
    if form == "ndjson":
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    text = io.StringIO()
    csv.writer(text).writerows([table, *(row.values() for row in rows)])
    return text.getvalue().encode()


def land(table: Table, form: str, folder: Path, **drift: str) -> Ingested:
    return ingest(written(table, form), folder, contract_of(**drift), f"orders.{form}")


def rows_of(done: Ingested) -> list[tuple[Any, ...]]:
    return done.rows.drop("__line", "__span", strict=False).rows()


def codes(done: Ingested) -> list[tuple[str, str | None]]:
    return [(code, column) for _, _, code, column in done.reasons]


def counted(done: Ingested, code: str) -> tuple[str, int | None]:
    (found,) = ((finding.message, finding.count) for finding in done.file.findings if finding.code == code)
    return found


def said(done: Ingested, code: str) -> str:
    return counted(done, code)[0]


EXTRA: Table = {"id": [1, 2, 3], "price": ["1.5", "2", "3"], "note": ["a", "b", "c"], "Shop": ["0042", None, "N/A"]}


@pytest.mark.parametrize("form", FORMATS)
class TestExtra:
    def test_evolve_keeps_it_as_text(self, tmp_path: Path, form: str) -> None:
        done = land(EXTRA, form, tmp_path, extra="evolve")
        assert done.rows.columns == ["id", "price", "note", "shop", "__line", "__span"]
        assert done.column("shop") == ["0042", None, None]
        assert "kept as text: 'Shop'" in said(done, "extra_columns")

    def test_freeze_leaves_it_out(self, tmp_path: Path, form: str) -> None:
        done = land(EXTRA, form, tmp_path, extra="freeze")
        assert done.rows.columns == ["id", "price", "note", "__line", "__span"]
        assert "left out: 'Shop'" in said(done, "extra_columns")

    def test_discard_row_rejects_the_rows_that_have_a_value_in_it(self, tmp_path: Path, form: str) -> None:
        done = land(EXTRA, form, tmp_path, extra="discard_row")
        assert codes(done) == [("extra_column", "Shop")]
        assert done.column("id") == [2, 3]
        assert done.rows.columns == ["id", "price", "note", "__line", "__span"]

    def test_discard_value_counts_what_is_dropped(self, tmp_path: Path, form: str) -> None:
        done = land(EXTRA, form, tmp_path, extra="discard_value")
        assert done.column("id") == [1, 2, 3]
        assert done.rows.columns == ["id", "price", "note", "__line", "__span"]
        assert counted(done, "extra_values") == ("values dropped (drift.extra: discard_value): 'Shop'", 1)

    def test_fail_makes_the_file_one_dead_letter(self, tmp_path: Path, form: str) -> None:
        assert codes(land(EXTRA, form, tmp_path, extra="fail")) == [("wrong_schema", None)]


MISSING: Table = {"id": [1, 2], "note": ["a", "b"]}


@pytest.mark.parametrize("form", FORMATS)
class TestMissing:
    def test_evolve_reads_missing_values(self, tmp_path: Path, form: str) -> None:
        done = land(MISSING, form, tmp_path, missing="evolve")
        assert rows_of(done) == [(1, None, "a"), (2, None, "b")]
        assert "read as missing values: 'price'" in said(done, "missing_columns")

    def test_discard_row_rejects_every_row(self, tmp_path: Path, form: str) -> None:
        done = land(MISSING, form, tmp_path, missing="discard_row")
        assert codes(done) == 2 * [("missing_column", "price")]
        assert done.rows.is_empty()

    @pytest.mark.parametrize("policy", ["freeze", "fail"])
    def test_freeze_and_fail_make_the_file_one_dead_letter(self, tmp_path: Path, form: str, policy: str) -> None:
        assert codes(land(MISSING, form, tmp_path, missing=policy)) == [("wrong_schema", None)]


RENAMED: Table = {"Order_Id": [1, None], "price": ["1", "2"], "note": ["a", "b"]}


@pytest.mark.parametrize("form", FORMATS)
class TestRenamed:
    def test_evolve_reads_it_under_its_own_name(self, tmp_path: Path, form: str) -> None:
        done = land(RENAMED, form, tmp_path, renamed="evolve")
        assert done.column("id") == [1, None]
        assert said(done, "renamed_columns") == "read 'Order_Id' as 'id'"

    def test_freeze_takes_it_for_another_column(self, tmp_path: Path, form: str) -> None:
        done = land(RENAMED, form, tmp_path, renamed="freeze", extra="evolve")
        assert done.column("id") == [None, None]
        assert done.column("order_id") == ["1", None]
        assert done.findings == {"renamed_columns", "missing_columns", "extra_columns"}

    def test_discard_row_rejects_the_rows_that_have_a_value_in_it(self, tmp_path: Path, form: str) -> None:
        done = land(RENAMED, form, tmp_path, renamed="discard_row", missing="fail", extra="fail")
        assert codes(done) == [("renamed_column", "Order_Id")]
        assert [row[2] for row in rows_of(done)] == ["b"]

    def test_discard_value_counts_what_is_dropped(self, tmp_path: Path, form: str) -> None:
        done = land(RENAMED, form, tmp_path, renamed="discard_value", missing="fail", extra="fail")
        assert done.column("id") == [None, None]
        assert counted(done, "renamed_values") == ("values dropped (drift.renamed: discard_value): 'Order_Id'", 1)

    def test_fail_makes_the_file_one_dead_letter(self, tmp_path: Path, form: str) -> None:
        assert codes(land(RENAMED, form, tmp_path, renamed="fail")) == [("wrong_schema", None)]


REORDERED: Table = {"note": ["a"], "price": ["1"], "id": [1]}


@pytest.mark.parametrize("form", ["csv", "parquet"])
class TestReordered:
    def test_evolve_reads_columns_by_name(self, tmp_path: Path, form: str) -> None:
        done = land(REORDERED, form, tmp_path, reordered="evolve")
        assert done.rows.columns == ["id", "price", "note", "__line", "__span"]
        assert "another order" in said(done, "reordered_columns")

    def test_discard_row_rejects_every_row(self, tmp_path: Path, form: str) -> None:
        assert codes(land(REORDERED, form, tmp_path, reordered="discard_row")) == [("reordered_columns", None)]

    @pytest.mark.parametrize("policy", ["freeze", "fail"])
    def test_freeze_and_fail_make_the_file_one_dead_letter(self, tmp_path: Path, form: str, policy: str) -> None:
        assert codes(land(REORDERED, form, tmp_path, reordered=policy)) == [("wrong_schema", None)]


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_the_keys_of_objects_have_no_order(tmp_path: Path, form: str) -> None:
    assert land(REORDERED, form, tmp_path, reordered="fail").column("id") == [1]


RETYPED: Table = {"id": ["1", "x", "3"], "price": ["1.5", "2.345", "3"], "note": ["a", "b", "c"]}


@pytest.mark.parametrize("form", FORMATS)
class TestRetyped:
    @pytest.mark.parametrize("policy", ["freeze", "discard_row"])
    def test_freeze_and_discard_row_reject_the_row_with_every_reason(
        self, tmp_path: Path, form: str, policy: str
    ) -> None:
        done = land(RETYPED, form, tmp_path, retyped=policy)
        assert codes(done) == [("cast_integer", "id"), ("decimal_too_precise", "price")]
        assert done.column("id") == [1, 3]

    def test_discard_value_keeps_the_row_and_counts(self, tmp_path: Path, form: str) -> None:
        done = land(RETYPED, form, tmp_path, retyped="discard_value")
        assert done.column("id") == [1, None, 3]
        assert [None if price is None else str(price) for price in done.column("price")] == ["1.50", None, "3.00"]
        assert "read as missing" in said(done, "retyped_columns")
        assert said(done, "retyped_columns").endswith("'id' (1), 'price' (1)")

    def test_evolve_keeps_the_text_beside_it(self, tmp_path: Path, form: str) -> None:
        done = land(RETYPED | {"price": ["1.5", "2", "3"]}, form, tmp_path, retyped="evolve")
        assert done.rows.columns == ["id", "price", "note", "id__text", "__line", "__span"]
        assert done.column("id") == [1, None, 3]
        assert done.column("id__text") == [None, "x", None]

    def test_fail_makes_the_file_one_dead_letter_that_names_the_columns(self, tmp_path: Path, form: str) -> None:
        done = land(RETYPED, form, tmp_path, retyped="fail")
        assert codes(done) == [("wrong_schema", None)]
        assert done.file.rows.dead == 3
        assert "2 values do not fit the types of their columns, 'id' (1), 'price' (1)" in str(done.dead["reasons"][0])


def test_a_column_of_another_type_is_said_even_where_the_file_dies_of_it(tmp_path: Path) -> None:
    contract = contract_of().model_copy(
        update={"limits": contract_of().limits.model_copy(update={"file_rejected_share": 0.5})}
    )
    done = ingest(b"id,price,note\nx,1,a\ny,2,b\n3,3,c\n", tmp_path, contract)
    assert codes(done) == [("too_many_rejects", None)]
    assert said(done, "retyped_columns").startswith("more than half of the values do not fit")


def test_objects_with_more_and_more_keys_land_with_all_of_them(tmp_path: Path) -> None:
    filler = "x" * 4000
    lines = [{"id": n, "note": filler} | ({f"Key {n // 1000}": n} if n % 1000 == 0 else {}) for n in range(3001)]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    done = ingest(data, tmp_path, contract_of(extra="evolve", missing="evolve"), "orders.ndjson")
    assert done.rows.columns == ["id", "price", "note", "key 0", "key 1", "key 2", "key 3", "__line", "__span"]
    assert done.column("id") == list(range(3001))
    assert [done.rows[f"key {n}"].drop_nulls().to_list() for n in range(4)] == [["0"], ["1000"], ["2000"], ["3000"]]


@pytest.mark.parametrize("policy", ["fail", "discard_row"])
def test_a_key_that_first_comes_late_is_not_missing(tmp_path: Path, policy: str) -> None:
    filler = "x" * 4000
    lines = [{"id": n, "note": filler} for n in range(3000)] + [{"id": 1, "price": 2, "note": "a"}]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    done = ingest(data, tmp_path, contract_of(missing=policy), "orders.ndjson")
    assert (done.file.rows.landed, done.findings) == (3001, set())


def test_policies_work_together_and_every_reason_is_named(tmp_path: Path) -> None:
    data = b'price,order_id,Shop\n1,x,7\n"2",2,\n'
    done = ingest(data, tmp_path, contract_of(extra="discard_row", missing="discard_row", reordered="discard_row"))
    every = [("missing_column", "note"), ("reordered_columns", None)]
    assert codes(done) == [*every, ("cast_integer", "id"), ("extra_column", "Shop"), *every]
    assert done.raw == [b"1,x,7", b'"2",2,']


def test_names_of_added_columns_are_told_apart(tmp_path: Path) -> None:
    data = b"id,price,note,Shop,shop,,__line\n1,2,a,b,c,d,e\n"
    done = ingest(data, tmp_path, contract_of(extra="evolve"))
    assert rows_of(done) == [(1, done.column("price")[0], "a", "b", "c", "d", "e")]
    assert done.rows.columns[3:] == ["shop", "shop_5", "column_6", "line", "__line", "__span"]


def test_a_row_that_is_read_again_keeps_its_added_columns(tmp_path: Path) -> None:
    contract = contract_of(extra="evolve", retyped="evolve")
    before = ingest(b"id,price,note,Shop\n1,2,a,b\n2,1,\n3,1,c,\n", tmp_path, contract)
    again = readmit([Candidate(3, 1, b"2,x,d,e")], FileFacts.of(before.file), contract)
    store = ArtifactStore(tmp_path / "store")
    after = with_rows(before.file, again.rows, store)
    assert after.landed is not None
    merged = pl.read_parquet(store.path(after.landed))
    assert merged.columns == ["id", "price", "note", "shop", "price__text", "__line", "__span"]
    assert merged.select("id", "shop", "price__text").rows() == [(1, "b", None), (2, "e", "x"), (3, None, None)]


def test_what_is_known_of_a_dead_file_is_said(tmp_path: Path) -> None:
    done = ingest(b"id;price\n1;2\n", tmp_path, contract_of(missing="fail"))
    assert (done.file.file_format, done.file.encoding, done.file.header) == ("csv", "utf-8", ("id", "price"))
    assert done.file.dialect is not None
    assert done.file.dialect.delimiter == ";"
    assert said(done, "wrong_schema").startswith(
        "the file is one dead letter: the columns 'note' are not in the header"
    )


def test_a_row_of_a_file_without_header_is_read_again_by_the_order_of_its_columns(tmp_path: Path) -> None:
    before = ingest(b"1,2,a\nx,1,b\n3,1,c\n", tmp_path, contract_of())
    assert codes(before) == [("cast_integer", "id")]
    again = readmit([Candidate(2, 1, b"2,1,b")], FileFacts.of(before.file), contract_of())
    assert again.rows["id"].to_list() == [2]
