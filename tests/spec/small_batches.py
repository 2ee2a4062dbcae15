"""Small batches written as ASCII tables, and what an engine makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.analyze.batch import analyze_batch
from tasks.artifacts import ArtifactStore
from tasks.landed import landed_schema
from tasks.models import EngineName

ColumnSpec = str | dict[str, Any]  # a type, or more of a column's settings


def contract_of(columns: Mapping[str, ColumnSpec], **roles: Any) -> Contract:
    """A contract in a line: columns by type or in full, and who plays which role; `minutes` is a duration column."""
    made = {name: _column(spec) for name, spec in columns.items()}
    if "minutes" in roles:
        roles["duration"] = {"column": roles.pop("minutes"), "unit": "minutes"}
    return Contract.model_validate({"dataset": "small", "columns": made, "roles": roles})


def _column(spec: ColumnSpec) -> dict[str, Any]:
    settings = {"type": spec} if isinstance(spec, str) else spec
    return settings | ({"formats": ["%Y-%m-%d"]} if settings["type"] in ("date", "datetime") else {})


SESSION_COLUMNS: dict[str, ColumnSpec] = {
    "user": "string",
    "start": "datetime",
    "end": "datetime",
    "kind": "string",
    "value": "decimal",
}
SESSION_ROLES = {"entity": "user", "start": "start", "end": "end", "category": "kind", "value": "value"}
SESSIONS = contract_of(SESSION_COLUMNS, **SESSION_ROLES)


def moment(text: str) -> datetime:
    """A datetime as result tables hold it: naive, on the contract's clock."""
    return datetime.fromisoformat(text)


def read_table(text: str, contract: Contract) -> pl.DataFrame:
    """An ASCII table as accepted rows: columns parted by `|`, `-` for a missing value, columns left out all missing."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    header, rows = lines[0], lines[1:]
    cells = {name: [row[at] for row in rows] for at, name in enumerate(header)}
    values = {
        name: [_value(column, cell) for cell in cells.get(name, ["-"] * len(rows))]
        for name, column in contract.columns.items()
    }
    provenance = {"__line": range(2, len(rows) + 2), "__span": [1] * len(rows)}
    return pl.DataFrame(values | provenance, schema=landed_schema(contract))


def tables_of(frame: pl.DataFrame, contract: Contract, engine: EngineName, folder: Path) -> dict[str, pl.DataFrame]:
    """The result tables of some accepted rows, which are spread over two files."""
    store = ArtifactStore(folder)
    half = frame.height // 2
    paths = [folder / f"{engine}-{at}.parquet" for at in range(2)]
    for path, part in zip(paths, (frame[:half], frame[half:]), strict=True):
        part.write_parquet(path)
    analysis = analyze_batch(paths, contract, engine, store)
    return {name: pl.read_parquet(store.path(ref)) for name, ref in analysis.tables.items()}


def _value(column: Column, cell: str) -> Any:
    return None if cell == "-" else _PARSED.get(column.type, str)(cell)


_PARSED: dict[ColumnType, Callable[[str], Any]] = {
    ColumnType.DECIMAL: Decimal,
    ColumnType.INTEGER: int,
    ColumnType.FLOAT: float,
    ColumnType.BOOLEAN: lambda cell: cell == "true",
    ColumnType.DATE: date.fromisoformat,
    ColumnType.DATETIME: datetime.fromisoformat,
}
