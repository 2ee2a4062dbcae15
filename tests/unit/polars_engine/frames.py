"""A small frame with every kind of fault, and a suite that finds them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import polars as pl

SESSIONS = pl.DataFrame(
    {
        "line": [2, 3, 4, 5, 6, 7],
        "user": ["a", "b", "b", None, "c", "<script>alert(1)</script>"],
        "value": [1.0, float("nan"), 3.0, 400.0, None, 5.0],
        "start": [dt.datetime(2024, 1, day) for day in (1, 2, 3, 4, 5, 6)],  # noqa: DTZ001  # naive columns
        "end": [dt.datetime(2024, 1, day) for day in (2, 1, 4, 5, 6, 7)],  # noqa: DTZ001
    }
)


def expectation(kind: str, /, severity: str = "critical", **kwargs: Any) -> dict[str, Any]:
    return {"type": f"expect_{kind}", "kwargs": kwargs, "severity": severity}


def suite_text(*expectations: dict[str, Any], name: str = "sessions") -> str:
    return json.dumps({"name": name, "expectations": list(expectations)})


SUITE = suite_text(
    expectation("column_values_to_be_between", "warning", column="value", min_value=0, max_value=100, mostly=0.5),
    expectation("table_row_count_to_be_between", min_value={"$PARAMETER": "least_rows"}),
    expectation("column_values_to_be_unique", column="user"),
    expectation("column_values_to_not_be_null", "info", column="value"),
    expectation("column_pair_values_a_to_be_greater_than_b", column_A="end", column_B="start", or_equal=True),
)
