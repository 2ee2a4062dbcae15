"""Rows that do not cast keep their place among the dead letters, and are told all that is wrong with them."""

import json
from pathlib import Path

import polars as pl
import pytest

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.models import LandedFile, ValidatedBatch
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch

CONTRACT = Contract.model_validate(
    {
        "dataset": "orders",
        "columns": {"id": {"type": "integer"}, "kind": {"type": "string"}, "cents": {"type": "integer"}},
        "limits": {"file_rejected_share": 1.0, "rejected_share": 1.0},
    }
)


def expect(kind: str, **kwargs: object) -> dict[str, object]:
    return {"type": f"expect_{kind}", "kwargs": kwargs, "severity": "warning"}


SUITE = json.dumps(
    {
        "name": "orders",
        "expectations": [
            expect("column_values_to_be_in_set", column="kind", value_set=["a", "b"]),
            expect("column_values_to_be_unique", column="id"),
            expect("column_values_to_be_between", column="cents", min_value=0),
            expect("column_values_to_not_be_null", column="kind", row_condition="cents > 5", condition_parser="pandas"),
        ],
    }
)


def land(folder: Path, name: str, text: str) -> LandedFile:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    (source,) = fingerprint(str(path))
    return ingest_file(source, CONTRACT, ArtifactStore(folder / "store"))


def reasons(folder: Path, batch: ValidatedBatch, file: int = 0) -> dict[int, list[tuple[str, str]]]:
    ref = batch.files[file].dead_letters
    assert ref is not None
    letters = pl.read_parquet(ArtifactStore(folder / "store").path(ref))
    return {
        line: [(reason["code"], reason["status"]) for reason in some]
        for line, some in letters.select("line", "reasons").iter_rows()
    }


@pytest.fixture
def both(tmp_path: Path) -> tuple[LandedFile, LandedFile]:
    first = land(tmp_path, "one.csv", "id,kind,cents\n1,a,10\n2,z,x\n3,b,3,4\nq,a,-1\n5,a,7\n")
    return first, land(tmp_path, "two.csv", "id,kind,cents\n8,b,\n9,b,1\n")


def test_every_reason_of_a_row_that_does_not_cast(tmp_path: Path, both: tuple[LandedFile, ...]) -> None:
    batch = validate_batch(both, CONTRACT, SUITE, ArtifactStore(tmp_path / "store"))
    assert reasons(tmp_path, batch) == {
        3: [
            ("cast_integer", "failed"),
            ("gate_in_set", "failed"),
            ("gate_unique", "unknown"),
            ("gate_between", "unknown"),
            ("gate_not_be_null", "unknown"),  # its condition looks at the cents
        ],
        4: [("too_many_fields", "failed")],
        5: [("cast_integer", "failed"), ("gate_unique", "unknown"), ("gate_between", "failed")],
    }


def test_they_change_no_count_and_no_verdict(tmp_path: Path, both: tuple[LandedFile, ...]) -> None:
    batch = validate_batch(both, CONTRACT, SUITE, ArtifactStore(tmp_path / "store"))
    assert [(rule.checked, rule.unexpected) for rule in batch.gate.rules] == [(4, 0), (4, 0), (3, 0), (2, 0)]
    assert (batch.rows.read, batch.rows.accepted, batch.rows.dead) == (7, 4, 3)


def test_a_file_without_them_keeps_its_letters_as_they_lie(tmp_path: Path, both: tuple[LandedFile, ...]) -> None:
    batch = validate_batch(both, CONTRACT, SUITE, ArtifactStore(tmp_path / "store"))
    assert both[1].miscast is None
    assert batch.files[1].dead_letters is None
