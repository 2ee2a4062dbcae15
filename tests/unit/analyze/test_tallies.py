"""A tally in arrays says what a group-by says, however the arrays are laid out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from expectations.contract import Contract
from tasks.analyze import arrays
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.by_role import category_counts, tallies
from tasks.analyze.engines import in_blocks, open_engine
from tasks.analyze.engines.in_blocks import BlockEngine
from tasks.analyze.look import first_look
from tasks.analyze.spread import CATEGORY, spread_tally
from tasks.analyze.tally import Tally
from tasks.landed import landed_schema
from tests.spec.small_batches import contract_of, moment

SESSION = {"start": "datetime", "end": "datetime", "kind": "string", "value": "decimal"}
ROLES = {"entity": "user", "start": "start", "end": "end", "category": "kind", "value": "value"}
BY_NUMBER = contract_of({"user": "integer", **SESSION}, **ROLES)
BY_NAME = contract_of({"user": "string", **SESSION}, **ROLES)

moments = st.none() | st.integers(0, 4_000_000).map(lambda at: moment("2026-03-01") + timedelta(seconds=at))
cents = st.none() | st.integers(-300, 300).map(lambda many: Decimal(many).scaleb(-2))
rest = (moments, moments, st.sampled_from(["a", "b", "c", None]), cents)
by_number = st.lists(st.tuples(st.none() | st.integers(-3, 3) | st.sampled_from([2**62, -(2**62)]), *rest), max_size=30)
by_name = st.lists(st.tuples(st.none() | st.sampled_from(["", "x", "y", "z"]), *rest), max_size=30)


@pytest.fixture(params=["usual", "dense", "bits", "many passes", "few members", "no room", "many rows", "far places"])
def _layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    match request.param:
        case "dense":
            monkeypatch.setattr(in_blocks, "_ROWS", 0.1)
        case "bits":
            monkeypatch.setattr(arrays, "_BYTES", 0)
        case "many passes":
            monkeypatch.setattr(in_blocks, "_PASS_BYTES", 1)
        case "few members":
            monkeypatch.setattr(in_blocks, "MOST_MEMBERS", 0)
        case "no room":
            monkeypatch.setattr(in_blocks, "_TALLY_BYTES", 100)
        case "many rows":
            monkeypatch.setattr(arrays, "_MOST_IN_HALF", 0)
        case "far places":
            monkeypatch.setattr(arrays, "_FAR", 0)


@pytest.mark.parametrize("engine", ["polars", "pandas", "duckdb"])
@pytest.mark.usefixtures("_layout")
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(by_number | by_name)
def test_arrays_and_group_bys_agree(engine: str, rows: list[tuple[object, ...]]) -> None:
    are_named = any(isinstance(row[0], str) for row in rows)
    with TemporaryDirectory() as folder:
        batch = _batch(rows, BY_NAME if are_named else BY_NUMBER, engine, Path(folder))
        assert isinstance(batch.engine, BlockEngine)
        asked = list(_asked(batch))

        for tally, found in zip(asked, batch.engine.tallied(asked), strict=True):
            keys = [key.name for key in tally.keys]
            expected = batch.engine.grouped(tally).cast(dict(found.schema.items()))
            assert_frame_equal(found, expected, check_row_order=False, check_column_order=False)
            assert found.select(keys).is_unique().all()


def _batch(rows: list[tuple[object, ...]], contract: Contract, engine: str, folder: Path) -> BatchFrame:
    columns = {name: [row[at] for row in rows] for at, name in enumerate(contract.columns)}
    provenance = {"__line": range(len(rows)), "__span": [1] * len(rows)}
    path = folder / "rows.parquet"
    pl.DataFrame(columns | provenance, schema=landed_schema(contract)).write_parquet(path)
    return BatchFrame(open_engine(engine, [path], contract), contract)  # type: ignore[arg-type]  # one of two names


def _asked(batch: BatchFrame) -> Iterator[Tally]:
    look, categories = first_look(batch), category_counts(batch)
    for _, tally in tallies(batch, look, categories):
        yield tally
    for scale in look.measures:
        yield spread_tally(scale, "kind", categories[CATEGORY])
