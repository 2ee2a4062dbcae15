from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from pathlib import Path

import polars as pl

from tests.unit.ingest.ingesting import ingest


def test_a_json_array_is_landed(tmp_path: Path) -> None:
    done = ingest(b'[{"id": 1, "price": 12.50, "note": "a"},\n{"id": "x"}, 3]', tmp_path, name="orders.json")
    assert done.rows.select("id", "price", "note").rows() == [(1, Decimal("12.50"), "a")]
    assert [reason[1:] for reason in done.reasons] == [
        ("cast", "cast_integer", "id"),
        ("parse", "not_an_object", None),
    ]
    assert done.raw == [b'{"id": "x"}', b"3"]


def test_ndjson_with_a_bad_line_is_landed(tmp_path: Path) -> None:
    lines = b'{"id": 9007199254740993, "price": 0.1}\n{"id": 2,,}\n\n{"order_id": 3}\n'
    done = ingest(lines, tmp_path, name="orders.ndjson")
    assert done.column("id") == [9007199254740993, 3]
    assert (done.file.rows.blank, done.raw[0]) == (1, b'{"id": 2,,}')


def test_parquet_is_landed_with_its_types(tmp_path: Path) -> None:
    file = BytesIO()
    pl.DataFrame({"id": [1, 2], "price": [0.1, 1.005], "note": ["007", None]}).write_parquet(file)
    done = ingest(file.getvalue(), tmp_path, name="orders.parquet")
    assert done.rows.select("id", "price", "note", "__line").rows() == [(1, Decimal("0.10"), "007", 1)]
    assert done.reasons == [(2, "cast", "decimal_too_precise", "price")]


def test_json_without_a_required_column_is_of_another_schema(tmp_path: Path) -> None:
    done = ingest(b'{"name": "a"}\n', tmp_path, name="orders.ndjson")
    assert [reason[2] for reason in done.reasons] == ["wrong_schema"]


def test_parquet_without_rows_says_its_columns(tmp_path: Path) -> None:
    file = BytesIO()
    pl.DataFrame(schema={"id": pl.Int64, "other": pl.String}).write_parquet(file)
    done = ingest(file.getvalue(), tmp_path, name="orders.parquet")
    assert (done.file.header, [reason[2] for reason in done.reasons]) == (("id", "other"), ["header_only"])
