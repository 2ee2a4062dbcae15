"""A row rule of one's own, in a few lines."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from great_expectations.expectations.expectation import ColumnMapExpectation

from expectations.polars_engine import check_frame, load_suite
from expectations.polars_engine.conditions.subject import Subject
from expectations.polars_engine.custom import row_rule
from tests.unit.polars_engine.frames import expectation, suite_text


@row_rule("column_values.multiple", options=("factor",))
def is_multiple(subject: Subject) -> pl.Expr:
    rest: pl.Expr = subject.value % subject.options["factor"]
    return rest == 0


class ExpectColumnValuesToBeMultiple(ColumnMapExpectation):
    map_metric = "column_values.multiple"
    success_keys = ("factor", "mostly")
    factor: int


def test_a_rule_of_ones_own_counts_and_rejects_like_any_other(tmp_path: Path) -> None:
    suite = load_suite(
        suite_text(
            expectation("column_values_to_be_multiple", column="n", factor=3, mostly=0.5),
            expectation("column_values_to_be_multiple", column="n", factor=2),
        )
    )
    frame = pl.LazyFrame({"n": [3, 6, None, 7]})
    path = tmp_path / "r.parquet"
    checked = check_frame(frame, suite, keep=["n"], rejected_path=path, data_docs_dir=tmp_path / "docs")
    assert [(o.is_met, o.checked, o.unexpected) for o in checked.outcomes] == [(True, 3, 1), (False, 3, 2)]
    assert pl.read_parquet(path).select("n", "failed").rows() == [(3, [1]), (7, [0, 1])]
    assert checked.rules[0].code == "gate_multiple"


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ValueError, match="already"):
        row_rule("column_values.between")
