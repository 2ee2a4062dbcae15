"""Files taken the whole way: ingest, gate, analysis."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl

from expectations.contract import Contract
from tasks.analyze.batch import analyze_batch
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.models import EngineName
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch

_SUITE = {
    "name": "small",
    "expectations": [
        {
            "type": "expect_table_row_count_to_be_between",
            "kwargs": {"min_value": 1},
            "severity": "critical",
            "id": "0e2c3f3e-8d0b-4a49-9b7c-0c6f3f2d9a10",
            "meta": {"code": "no_rows"},
        }
    ],
    "meta": {},
}


class Arrived(NamedTuple):
    """What came out at the end."""

    accepted: pl.DataFrame
    codes: list[str]  # of the dead letters that ingest made
    tables: dict[str, pl.DataFrame]


def take_whole_way(files: Mapping[str, bytes], contract: Contract, engine: EngineName, folder: Path) -> Arrived:
    """Take files through all stages by a contract; the suite asks for nothing but a row."""
    store = ArtifactStore(folder / "store")
    landed = []
    for name, data in files.items():
        (folder / name).write_bytes(data)
        landed += [ingest_file(source, contract, store) for source in fingerprint(str(folder / name))]
    batch = validate_batch(landed, contract, json.dumps(_SUITE), store)
    assert batch.rows.is_balanced
    accepted = [store.path(file.accepted) for file in batch.files if file.accepted is not None]
    analysis = analyze_batch(accepted, contract, engine, store)
    letters = [pl.read_parquet(store.path(file.dead_letters)) for file in landed if file.dead_letters is not None]
    codes = [reason["code"] for letter in letters for reasons in letter["reasons"] for reason in reasons]
    tables = {name: pl.read_parquet(store.path(ref)) for name, ref in analysis.tables.items()}
    return Arrived(pl.concat([pl.read_parquet(path) for path in accepted]), codes, tables)
