"""Row rules of your own: one Polars expression, and an expectation of Great Expectations that names it.

    from great_expectations.expectations.expectation import ColumnMapExpectation

    @row_rule("column_values.multiple", options=("factor",))
    def is_multiple(subject: Subject) -> pl.Expr:
        rest: pl.Expr = subject.value % subject.options["factor"]
        return rest == 0

    class ExpectColumnValuesToBeMultiple(ColumnMapExpectation):
        map_metric = "column_values.multiple"
        success_keys = ("factor", "mostly")
        factor: int

That is all: counts, samples, row ids, `mostly`, row conditions and rejected rows follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import polars as pl

from expectations.polars_engine import private
from expectations.polars_engine.conditions.catalog import ROW_METRICS, RowMetric
from expectations.polars_engine.conditions.subject import Subject
from expectations.polars_engine.engine import PolarsExecutionEngine
from expectations.polars_engine.metrics.rows import register_row_metric

Meets = Callable[[Subject], pl.Expr]
# A map metric of Great Expectations that looks at as many columns, whose derived metrics are taken as the pattern.
_PATTERNS = {"column": "column_values.null", "pair": "column_pair_values.equal", "several": "compound_columns.unique"}


def row_rule(
    map_metric: str, options: Sequence[str] = (), *, about: Literal["column", "pair", "several"] = "column"
) -> Callable[[Meets], Meets]:
    """Make a function a map metric on Polars.

    Args:
        map_metric: a name that no other metric has; an expectation names it as its `map_metric`.
        options: the expectation's own arguments, found in `subject.options`.
        about: one column, two, or a list of them.

    Returns:
        The decorator. The function returns an expression that is true where a row meets the expectation; it is asked
        only about rows that have a value, where it is about one column.

    Raises:
        ValueError: Great Expectations has a metric of that name.
    """
    if map_metric in ROW_METRICS or f"{map_metric}.condition" in private.REGISTERED_METRICS:
        raise ValueError(f"there is a metric {map_metric!r} already")

    def register(meets: Meets) -> Meets:
        ROW_METRICS[map_metric] = RowMetric(meets)
        _declare(map_metric, tuple(options), _PATTERNS[about])
        register_row_metric(map_metric)
        return meets

    return register


def _declare(map_metric: str, options: tuple[str, ...], pattern: str) -> None:
    """Tell Great Expectations of the metrics that belong to a map metric, and which arguments they take."""
    for name in [name for name in private.REGISTERED_METRICS if name.startswith(f"{pattern}.")]:
        suffix = name.removeprefix(f"{pattern}.")
        if PolarsExecutionEngine.__name__ in private.REGISTERED_METRICS[name]["providers"] and suffix != "count":
            private.declare(f"{map_metric}.{suffix}", name, options)
