"""Write docs/expectations.md: every expectation of Great Expectations, and how it stands on Polars.

python -m benchmarks.gate_table
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from expectations.polars_engine import private
from expectations.polars_engine.conditions.catalog import ROW_METRICS
from expectations.polars_engine.suite import REFUSED

PATH = Path(__file__).parent.parent / "docs" / "expectations.md"
BEGIN, END = "<!-- table: python -m benchmarks.gate_table -->", "<!-- end of table -->"
# What no other engine could be the oracle for, and the test that looks at it instead.
NOT_ON_PANDAS = "unit tests (pandas has no such expectation)"
TYPES = "unit tests (types have other names on Polars)"
COST = {
    "row": "shared pass",
    "unique": "sorted hashes of the key",
    "python": "Python, a microsecond and more a row",
    "facts": "shared pass after one aggregate",
    "aggregate": "shared select",
    "distinct": "a group-by of its own",
    "query": "the query",
    "schema": "none",
}
_PYTHON = ("strftime", "dateutil", "json")
_DISTINCT = ("distinct_values_to", "most_common", "kl_divergence")


def table(tested: set[str]) -> str:
    """The table.

    Args:
        tested: types without `expect_` that the parity test holds against pandas.
    """
    lines = ["| expectation | on Polars | tested against | cost |", "|---|---|---|---|"]
    for kind, expectation in sorted(private.REGISTERED_EXPECTATIONS.items()):
        if expectation.__module__.startswith("great_expectations."):
            lines.append(f"| `{kind}` | {_support(kind)} | {_tested(kind, tested)} | {_cost(kind, expectation)} |")
    return "\n".join(lines)


def _support(kind: str) -> str:
    return f"refused: {REFUSED[kind]}" if kind in REFUSED else "yes"


def _tested(kind: str, tested: set[str]) -> str:
    if kind in REFUSED:
        return ""
    if kind.removeprefix("expect_") in tested:
        return "pandas, on random frames"
    return TYPES if "_type" in kind else NOT_ON_PANDAS


def _cost(kind: str, expectation: Any) -> str:
    if kind in REFUSED:
        return ""
    metric = ROW_METRICS.get(getattr(expectation, "map_metric", None) or "")
    if metric is not None:
        is_python = any(word in kind for word in _PYTHON)
        return COST["unique" if metric.is_unique else "facts" if metric.facts else "python" if is_python else "row"]
    if "query" in kind or "rows_expectation" in kind:
        return COST["query"]
    if any(word in kind for word in _DISTINCT):
        return COST["distinct"]
    is_schema = "_type" in kind or "table_column" in kind or kind == "expect_column_to_exist"
    return COST["schema" if is_schema else "aggregate"]


def main() -> None:
    """Put the table into the document, between its two marks."""
    from tests.generative.test_parity_of_expectations import EXPECTATIONS  # noqa: PLC0415  # what is tested, from the test

    text = PATH.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PATH.write_text(f"{before}{BEGIN}\n{table(set(EXPECTATIONS))}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
