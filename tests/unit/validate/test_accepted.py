"""What the gate accepts of a file that it rejects some rows of: all others, in their order, piece by piece."""

import json
from pathlib import Path

import polars as pl
import pytest

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.landed import landed_schema
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch

CONTRACT = Contract.model_validate({"dataset": "d", "columns": {"n": {"type": "integer"}, "text": {"type": "string"}}})
_BELOW_10 = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "n", "max_value": 10, "strict_max": True},
    "severity": "critical",
    "id": "6a0f4a0e-8a8a-4b39-9f06-2f2d4f4f4d11",
    "meta": {"code": "too_large"},
}
SUITE = json.dumps({"name": "small", "expectations": [_BELOW_10], "meta": {}})


@pytest.mark.parametrize(
    "numbers",
    [[1, 99, 2, 3, 99, 4, 5], [1, 2, 99, 99, 99, 3, 4], [99, 99, 99, 99], [1, 2, 3]],
    ids=["here and there", "a whole piece", "every row", "none"],
)
def test_all_rows_that_obey_are_accepted_in_order(
    numbers: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.validate.batch._ROWS_AT_ONCE", 2)
    (tmp_path / "a.csv").write_text("n,text\n" + "".join(f"{number},é{number}\n" for number in numbers))
    store = ArtifactStore(tmp_path / "store")
    (source,) = fingerprint(str(tmp_path / "a.csv"))
    (file,) = validate_batch([ingest_file(source, CONTRACT, store)], CONTRACT, SUITE, store).files
    assert file.accepted is not None
    accepted = pl.read_parquet(store.path(file.accepted))
    good = [number for number in numbers if number < 10]
    assert accepted.schema == landed_schema(CONTRACT)
    assert accepted["n"].to_list() == good
    assert accepted["text"].to_list() == [f"é{number}" for number in good]
    assert file.accepted.rows == file.rows.accepted == len(good)
