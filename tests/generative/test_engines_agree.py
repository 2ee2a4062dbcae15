"""Law 4 under random input: every engine makes the same tables, to the last digit, whatever the batch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from expectations.contract import Contract
from tasks.landed import landed_schema
from tasks.models import ENGINES
from tests.spec.small_batches import ColumnSpec, contract_of, moment, tables_of

_BERLIN = {"type": "datetime", "time_zone": "Europe/Berlin"}
_COLUMNS: dict[str, ColumnSpec] = {
    "who": "string",
    "start": _BERLIN,
    "end": _BERLIN,
    "kind": "integer",
    "amount": {"type": "decimal", "scale": 3},
    "ratio": "float",
    "whole": "integer",
    "flag": "boolean",
    "day": "date",
}
EVERY_TYPE = contract_of(_COLUMNS, entity="who", start="start", end="end", category="kind", value="amount")
OTHER_ROLES = contract_of(_COLUMNS, entity="kind", start="day", category="flag", value="ratio")

_MOMENTS = st.datetimes(moment("2023-12-30"), moment("2024-11-03"))
_FEW_TEXTS = st.sampled_from(["", "a", "b", "Ä", "日本", "null", "a "])
_CELLS: dict[str, st.SearchStrategy[Any]] = {
    "who": _FEW_TEXTS,
    "start": _MOMENTS,
    "end": _MOMENTS | st.just(moment("2024-03-31 01:30")),
    "kind": st.integers(-2, 3),
    "amount": st.decimals("-999999999999.999", "999999999999.999", places=3)
    | st.sampled_from([Decimal(0), Decimal("1.5")]),
    "ratio": st.floats(-1e6, 1e6) | st.sampled_from([float("nan"), float("inf"), -0.0, 1e300, 1e-300]),
    "whole": st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
    "flag": st.booleans(),
    "day": st.dates(date(2020, 1, 1), date(2020, 1, 20)),
}


@st.composite
def batches(draw: st.DrawFn) -> pl.DataFrame:
    """Some rows of every type; some columns with holes, some wholly missing."""
    height = draw(st.integers(0, 12))
    columns = {}
    for name, cell in _CELLS.items():
        cells = draw(st.sampled_from([cell, st.none() | cell, st.none()]))
        columns[name] = draw(st.lists(cells, min_size=height, max_size=height))
    columns["end"] = _after(columns["start"], columns["end"], draw(st.booleans()))
    provenance = {"__line": range(2, height + 2), "__span": [1] * height}
    return pl.DataFrame(columns | provenance, schema=landed_schema(EVERY_TYPE))


def _after(starts: list[datetime | None], ends: list[datetime | None], is_short: bool) -> list[datetime | None]:
    """Ends as they were drawn, or a few seconds after their starts."""
    if not is_short:
        return ends
    return [None if start is None else start + timedelta(seconds=at % 3) for at, start in enumerate(starts)]


@given(batch=batches(), contract=st.sampled_from([EVERY_TYPE, OTHER_ROLES]))
@settings(  # shrinking would run for minutes, and the batches are small enough to read
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=set(Phase) - {Phase.shrink}
)
def test_every_engine_makes_the_same_tables(batch: pl.DataFrame, contract: Contract) -> None:
    with TemporaryDirectory() as folder:
        made = {engine: tables_of(batch, contract, engine, Path(folder)) for engine in ENGINES}
    first = made.pop("polars")
    for tables in made.values():
        assert list(tables) == list(first)
        for name, table in tables.items():
            assert_frame_equal(table, first[name], check_exact=True)
