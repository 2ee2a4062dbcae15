"""Bytes in, what ingest made of them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.models import LandedFile, UnpackLimits
from tasks.sources import fingerprint

CONTRACT = Contract.model_validate(
    {
        "dataset": "orders",
        "columns": {
            "id": {"type": "integer", "required": True, "aliases": ["order_id"]},
            "at": {"type": "datetime", "formats": ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y"]},
            "price": {"type": "decimal", "scale": 2},
            "note": {"type": "string"},
        },
        "limits": {"file_rejected_share": 1.0},
    }
)


class Ingested(NamedTuple):
    """A landed file with its two tables."""

    file: LandedFile
    rows: pl.DataFrame
    dead: pl.DataFrame

    @property
    def reasons(self) -> list[tuple[int, str, str, str | None]]:
        """Line, stage, code and column of every reason of every dead letter."""
        return [
            (line, stage, reason["code"], reason["column"])
            for line, stage, reasons in self.dead.select("line", "stage", "reasons").iter_rows()
            for reason in reasons
        ]

    @property
    def raw(self) -> list[bytes]:
        """The dead letters' bytes."""
        return self.dead["raw"].to_list()

    def column(self, name: str) -> list[Any]:
        """One column of the rows."""
        return self.rows[name].to_list()

    @property
    def findings(self) -> set[str]:
        """Codes of what is worth saying about the file."""
        return {finding.code for finding in self.file.findings}


def ingest(
    data: bytes,
    folder: Path,
    contract: Contract = CONTRACT,
    name: str = "orders.csv",
    limits: UnpackLimits = UnpackLimits(),  # noqa: B008 - a constant
) -> Ingested:
    """Ingest a file with these bytes, and check that its balance closes."""
    path = folder / name
    path.write_bytes(data)
    (source,) = fingerprint(str(path), limits=limits)
    store = ArtifactStore(folder / "store")
    file = ingest_file(source, contract, store)
    rows = pl.read_parquet(store.path(file.landed)) if file.landed else pl.DataFrame()
    dead = pl.read_parquet(store.path(file.dead_letters)) if file.dead_letters else pl.DataFrame()
    assert file.rows.read == file.rows.landed + file.rows.dead + file.rows.blank
    assert file.rows.landed == rows.height
    assert file.rows.dead == (dead["records"].sum() if dead.height else 0)
    return Ingested(file, rows, dead)
