"""Great Expectations on pandas as the oracle for Great Expectations on Polars: one frame, one suite, two engines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
import pandas as pd
import polars as pl
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from expectations.polars_engine.context import ephemeral_context, error_in

ROW = "row"  # tells rows apart
COUNTS = ("element_count", "missing_count", "unexpected_count")
PERCENTAGES = ("missing_percent", "unexpected_percent", "unexpected_percent_total", "unexpected_percent_nonmissing")
_DTYPES: dict[Any, str] = {
    pl.String: "str",
    pl.Datetime: "datetime64[ns]",
    pl.Date: "datetime64[ns]",
    pl.Categorical: "category",
    pl.Enum: "category",
}
_FORMAT = {"result_format": "COMPLETE", "unexpected_index_column_names": [ROW]}


@dataclass(frozen=True)
class Verdict:
    """What one engine says of one expectation, in a form that can be compared."""

    is_met: bool
    has_error: bool
    numbers: tuple[float | None, ...]
    rows: tuple[int, ...] | None
    observed: Any
    error: str | None

    def is_like(self, other: Verdict) -> bool:
        """Whether two engines say the same; two errors are the same whatever they say."""
        if self.has_error or other.has_error:
            return self.has_error == other.has_error
        return (
            (self.is_met, self.rows) == (other.is_met, other.rows)
            and all(map(_is_close, self.numbers, other.numbers))
            and _is_same(self.observed, other.observed)
        )


class Oracle:
    """Two batches of one data context, one an engine."""

    def __init__(self) -> None:
        sources = ephemeral_context().data_sources
        self._polars = sources.add_polars("polars").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
        self._pandas = sources.add_pandas("pandas").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")

    def on_polars(self, frame: pl.DataFrame, suite: list[dict[str, Any]]) -> list[Verdict]:
        """The verdicts of our engine, on a lazy frame."""
        return _verdicts(self._polars, frame.lazy(), suite)

    def on_pandas(self, frame: pl.DataFrame, suite: list[dict[str, Any]]) -> list[Verdict]:
        """The verdicts of Great Expectations' own engine."""
        return _verdicts(self._pandas, to_pandas(frame), suite)


def to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """A frame as people have it in pandas: whole numbers with holes are floats, dates are timestamps."""
    return pd.DataFrame({column.name: pd.Series(column.to_list(), dtype=_dtype(column)) for column in frame})


def _dtype(column: pl.Series) -> Any:
    is_whole = column.null_count() == 0
    if column.dtype.is_numeric() and not column.dtype.is_decimal():
        return "int64" if is_whole and column.dtype.is_integer() else "float64"
    if column.dtype == pl.Boolean and is_whole:
        return "bool"
    return next((name for kind, name in _DTYPES.items() if column.dtype == kind), object)


def _verdicts(batch_definition: Any, frame: Any, suite: list[dict[str, Any]]) -> list[Verdict]:
    built = gx.ExpectationSuite(name="parity")
    for number, one in enumerate(suite):
        configuration = ExpectationConfiguration(type=one["type"], kwargs=dict(one["kwargs"]), id=str(number))
        built.expectations.append(configuration.to_domain_obj())
    results = batch_definition.get_batch({"dataframe": frame}).validate(built, result_format=_FORMAT).results
    by_id = {int(result.expectation_config.id): result for result in results}
    return [_verdict(by_id[number]) for number in range(len(suite))]


def _verdict(result: Any) -> Verdict:
    values = result.result or {}
    rows = values.get("unexpected_index_list")
    error = error_in(result)
    return Verdict(
        is_met=bool(result.success),
        has_error=error is not None,
        numbers=tuple(values.get(key) for key in (*COUNTS, *PERCENTAGES)),
        rows=None if rows is None else tuple(int(row[ROW]) for row in rows),
        observed=values.get("observed_value"),
        error=error,
    )


def _is_close(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pairs = zip(sorted(one, key=str), sorted(other, key=str), strict=False)
        return len(one) == len(other) and all(_is_same(a, b) for a, b in pairs)
    if _is_missing(one) or _is_missing(other):
        return _is_missing(one) and _is_missing(other)
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9)
    except (TypeError, ValueError):
        return _plain(one) == _plain(other)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> str:
    return pd.Timestamp(value).isoformat() if hasattr(value, "isoformat") else str(value)
