from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.ingest.json_records import JsonArrayReader
from tasks.ingest.json_rows import JsonRows
from tasks.ingest.parquet_sizes import batch_rows
from tasks.models import UnpackLimits
from tests.unit.ingest.ingesting import CONTRACT, ingest


def test_a_json_array_is_landed(tmp_path: Path) -> None:
    done = ingest(b'[{"id": 1, "price": 12.50, "note": "a"},\n{"id": "x"}, 3]', tmp_path, name="orders.json")
    assert done.rows.select("id", "price", "note").rows() == [(1, Decimal("12.50"), "a")]
    assert [reason[1:] for reason in done.reasons] == [
        ("cast", "cast_integer", "id"),
        ("parse", "not_an_object", None),
    ]
    assert done.raw == [b'{"id": "x"}', b"3"]


def test_a_number_format_is_of_text_and_leaves_numbers_of_json_and_parquet_alone(tmp_path: Path) -> None:
    price = CONTRACT.columns["price"].model_copy(update={"number_format": "1.234,56", "scale": 3})
    contract = CONTRACT.model_copy(update={"columns": {**CONTRACT.columns, "price": price}})
    csv = ingest(b'id,price\n1,"1.234"\n2,"2.000,5"\n3,2.5\n', tmp_path, contract)
    assert csv.column("price") == [Decimal("1234.000"), Decimal("2000.500")]
    assert csv.reasons == [(4, "cast", "cast_decimal", "price")]
    assert csv.dead["reasons"][0][0]["message"] == "column 'price' is not a finite number written like 1.234,56"
    objects = ingest(b'[{"id": 1, "price": 1.234}, {"id": 2, "price": "1,5"}]', tmp_path, contract, "orders.json")
    assert (objects.column("price"), len(objects.reasons)) == ([Decimal("1.234")], 1)
    file = BytesIO()
    pl.DataFrame({"id": [1], "price": [1.234]}).write_parquet(file)
    assert ingest(file.getvalue(), tmp_path, contract, "typed.parquet").column("price") == [Decimal("1.234")]
    file = BytesIO()
    pl.DataFrame({"id": [1], "price": ["1.234"]}).write_parquet(file)
    assert ingest(file.getvalue(), tmp_path, contract, "texts.parquet").column("price") == [Decimal("1234.000")]


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


def _repeated(value: object, rows: int, groups: int = 1) -> bytes:
    """A Parquet file of one value over and over, which takes next to nothing."""
    cells = pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()).fill_null(0), pa.array([value]))
    table, file = pa.table({"id": cells}), BytesIO()
    with pq.ParquetWriter(file, table.schema, compression="zstd") as writer:
        for _ in range(groups):
            writer.write_table(table)
    return file.getvalue()


@pytest.mark.parametrize(
    ("value", "rows", "groups"),
    [(1, 1_000_000, 3), ("x" * 200, 60_000, 2), ("y" * 500_000, 50, 1)],
    ids=["numbers", "texts", "one long text"],
)
def test_a_parquet_file_that_becomes_too_large(tmp_path: Path, value: object, rows: int, groups: int) -> None:
    data, limits = _repeated(value, rows, groups), UnpackLimits(always_megabytes=16)
    assert len(data) < 20_000
    done = ingest(data, tmp_path, name="orders.parquet", limits=limits)
    assert [reason[2] for reason in done.reasons] == ["too_large"]


def test_a_long_text_repeated_within_the_limits_is_landed_in_small_batches(tmp_path: Path) -> None:
    data = _repeated("5" * 100_000, 100)
    (tmp_path / "orders.parquet").write_bytes(data)
    with pq.ParquetFile(tmp_path / "orders.parquet") as file:
        assert batch_rows(tmp_path / "orders.parquet", file) < 3_000
    assert ingest(data, tmp_path, name="orders.parquet").file.rows.dead == 100


def test_many_lists_are_read_few_rows_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.ingest.parquet_sizes._BATCH_BYTES", 1 << 20)
    lists = pa.array([[1] * (1 if row < 150 else 3000) for row in range(200)])
    file = BytesIO()
    pq.write_table(pa.table({"id": range(200), "note": pa.array(["a"] * 200), "more": lists}), file)
    done = ingest(file.getvalue(), tmp_path, name="orders.parquet")
    assert done.column("id") == list(range(200))
    with pq.ParquetFile(tmp_path / "orders.parquet") as opened:
        assert batch_rows(tmp_path / "orders.parquet", opened) == 64


@pytest.mark.parametrize("name", ["orders.json", "orders.ndjson"])
@pytest.mark.parametrize("deep", ["[" * 20_000 + "]" * 20_000, '{"a":' * 20_000 + "1" + "}" * 20_000])
def test_what_is_nested_too_deeply_is_a_dead_letter(tmp_path: Path, name: str, deep: str) -> None:
    between = ",\n" if name.endswith(".json") else "\n"
    lines = between.join(['{"id": 1}', f'{{"note": {deep}}}', '{"id": 2}'])
    done = ingest(f"[{lines}]".encode() if name.endswith(".json") else lines.encode(), tmp_path, name=name)
    assert done.column("id") == [1, 2]
    assert [reason[2] for reason in done.reasons] == ["bad_json"]


def test_a_long_array_of_anything_but_objects_is_one_dead_letter(tmp_path: Path) -> None:
    other = b'"%b"' % (b"x" * 8000)
    done = ingest(b"[" + b",".join([other] * 1100) + b"]", tmp_path, name="orders.json")
    assert [reason[2] for reason in done.reasons] == ["wrong_schema"]
    for objects in (b'[{"id": 1},%b]', b'[%b,{"id": 1}]'):
        done = ingest(objects % b",".join([other] * 1100), tmp_path, name="orders.json")
        assert (done.column("id"), done.file.rows.dead) == ([1], 1100)


def test_blocks_of_an_array_are_bounded_also_where_its_elements_are_tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.ingest.json_records._BLOCK_RECORDS", 1)
    array = JsonArrayReader(BytesIO(b"[{}," + b"1," * 99_999 + b"1]"), JsonRows())
    sizes = [len(block.dead) for block in array.blocks()]
    assert sum(sizes) == 100_000
    assert max(sizes) < 70_000
