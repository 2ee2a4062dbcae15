"""The sample that ships, as one batch: every record of every file ends where its ground truth says."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from expectations.contract import DATASETS_DIR, load_contract
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.models import LandedFile, ValidatedBatch
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch

DATA = Path(__file__).parents[2] / "data"
TRUTH = json.loads((DATA / "raw.dirt.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ArtifactStore:
    return ArtifactStore(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def landed(store: ArtifactStore) -> list[LandedFile]:
    contract = load_contract("events")
    sources = [source for name in sorted(TRUTH) for source in fingerprint(str(DATA / "raw" / name))]
    return [ingest_file(source, contract, store) for source in sources]


@pytest.fixture(scope="module")
def batch(store: ArtifactStore, landed: list[LandedFile]) -> ValidatedBatch:
    suite = (DATASETS_DIR / "events" / "suite.json").read_text(encoding="utf-8")
    return validate_batch(landed, load_contract("events"), suite, store)


def test_each_file_has_its_balance(batch: ValidatedBatch) -> None:
    found = {file.source.name: file.rows.model_dump() for file in batch.files}
    assert found == {name: file["balance"] for name, file in TRUTH.items()}


def test_the_batch_is_let_through_with_warnings(batch: ValidatedBatch) -> None:
    assert batch.gate.verdict == "warned"
    assert batch.rows.model_dump() == {"read": 5_014, "accepted": 4_891, "dead": 91, "duplicate": 24, "blank": 8}


def test_each_dead_letter_has_its_reason(store: ArtifactStore, landed: list[LandedFile], batch: ValidatedBatch) -> None:
    planted = {
        (name, line): [kind["code"]]
        for name, file in TRUTH.items()
        for kind in file["kinds"].values()
        if kind["ends_as"] == "dead"
        for line in kind["lines"]
    }
    refs = [ref for ref in (*(file.dead_letters for file in landed), batch.dead_letters) if ref is not None]
    name = pl.col("file").str.split("/").list.last()
    codes = pl.col("reasons").list.eval(pl.element().struct.field("code"))
    letters = pl.concat([pl.read_parquet(store.path(ref)) for ref in refs]).select(name, "line", codes)
    assert {(file, line): found for file, line, found in letters.iter_rows()} == planted


def test_each_file_is_understood(landed: list[LandedFile]) -> None:
    found = {
        file.source.name: (file.file_format, file.encoding, file.dialect and file.dialect.delimiter) for file in landed
    }
    assert found["events_2026-05.csv.gz"] == ("csv", "utf-8", ",")
    assert found["events_2026-07.json"][0] == "json"
    assert found["events_2026-08.ndjson"][0] == "ndjson"
    assert found["events_2026-10_legacy.csv"] == ("csv", "cp1252", ",")
    assert found["events_2026-10_partner.csv"] == ("csv", "utf-8", ";")
    assert found["events_2026-10_till.csv"] == ("csv", "utf-8", ";")
