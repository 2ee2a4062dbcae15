"""CSV files: what went in comes out, and nothing in them runs."""

import csv
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.report.csv_files import write_csv


def written(frame: pl.DataFrame) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_csv(frame.lazy(), path)
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert written(pl.DataFrame({"a": [cell]})) == [["a"], [f"'{cell}"]]


def test_numbers_and_times_are_written_as_they_are() -> None:
    frame = pl.DataFrame(
        {
            "integer": [-1],
            "float": [-1.5],
            "decimal": [Decimal("-2.50")],
            "date": [date(2026, 9, 22)],
            "naive": [datetime(2026, 9, 22, 8, 15, 4, 500_000)],  # noqa: DTZ001  (naive on purpose)
            "zoned": [datetime(2026, 9, 22, 8, 15, 4, tzinfo=UTC)],
            "lasted": [timedelta(seconds=-2)],
            "missing": [None],
            "many": [[1, 2]],
        },
        schema_overrides={"missing": pl.String},
    )
    assert written(frame)[1] == [
        "-1",
        "-1.5",
        "-2.50",
        "2026-09-22",
        "2026-09-22T08:15:04.500",
        "2026-09-22T08:15:04+00:00",
        "-2000000",
        "",
        '{"many":[1,2]}',
    ]


def test_a_column_name_is_neutralised_too() -> None:
    assert written(pl.DataFrame({"=a": [1]})) == [["'=a"], ["1"]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=1, max_size=8))
def test_every_text_comes_back_and_none_begins_a_formula(cells: list[str]) -> None:
    found = [row[1] for row in written(pl.DataFrame({"a": [1] * len(cells), "b": cells}))[1:]]
    assert [one if one == cell else one[1:] for one, cell in zip(found, cells, strict=True)] == cells
    assert not any(one.startswith(tuple("=+-@\t\r\n＝＋－＠")) for one in found)
