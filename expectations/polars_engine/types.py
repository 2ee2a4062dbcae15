"""The expectations about a column's type, whose engines Great Expectations names one by one in their code.

A Polars type is known here by its own name and by what pandas, numpy and Python call the same thing, so that a suite
written for pandas means the same on Polars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl
from great_expectations.expectations.core import (
    ExpectColumnTypeToBe,
    ExpectColumnValuesToBeInTypeList,
    ExpectColumnValuesToBeOfType,
)

from expectations.polars_engine.domain import dtype_of
from expectations.polars_engine.engine import PolarsExecutionEngine

_OTHER_NAMES: dict[type[pl.DataType], tuple[str, ...]] = {
    pl.Int8: ("int8", "Int8Dtype"),
    pl.Int16: ("int16", "Int16Dtype"),
    pl.Int32: ("int32", "Int32Dtype"),
    pl.Int64: ("int64", "int", "int_", "Int64Dtype", "integer"),
    pl.Int128: ("int128",),
    pl.UInt8: ("uint8", "UInt8Dtype"),
    pl.UInt16: ("uint16", "UInt16Dtype"),
    pl.UInt32: ("uint32", "UInt32Dtype"),
    pl.UInt64: ("uint64", "uint", "UInt64Dtype"),
    pl.Float32: ("float32", "single", "Float32Dtype"),
    pl.Float64: ("float64", "float", "float_", "double", "Float64Dtype"),
    pl.Decimal: ("decimal",),
    pl.Boolean: ("bool", "bool_", "boolean", "BooleanDtype"),
    pl.String: ("str", "str_", "string", "StringDtype", "object", "object_", "O", "Utf8"),
    pl.Binary: ("bytes", "bytes_"),
    pl.Categorical: ("category", "CategoricalDtype", "CategoricalDtypeType"),
    pl.Enum: ("category", "CategoricalDtype", "CategoricalDtypeType"),
    pl.Date: ("date", "datetime.date"),
    pl.Time: ("time", "datetime.time"),
    pl.Duration: ("timedelta", "timedelta64", "Timedelta"),
    pl.List: ("list",),
    pl.Array: ("list",),
    pl.Struct: ("dict",),
}


def is_type(dtype: pl.DataType, name: str) -> bool:
    """Whether a Polars type goes by a name, upper and lower case alike."""
    return name.casefold() in {known.casefold() for known in names_of(dtype)}


def names_of(dtype: pl.DataType) -> set[str]:
    """Every name a Polars type goes by: `Int64`, `int64`, `int`."""
    names = {str(dtype), type(dtype).__name__, *_OTHER_NAMES.get(type(dtype), ())}
    if isinstance(dtype, pl.Datetime):
        names |= {"datetime", "Timestamp"}
        if dtype.time_zone is None:
            names |= {"datetime64", f"datetime64[{dtype.time_unit}]"}
        else:
            names |= {"DatetimeTZDtype", f"datetime64[{dtype.time_unit}, {dtype.time_zone}]"}
    if isinstance(dtype, pl.Duration):
        names.add(f"timedelta64[{dtype.time_unit}]")
    return names


def _is_as_expected(expectation: Any, metrics: Mapping[str, Any], wanted: Iterable[str] | None) -> dict[str, Any]:
    schema = {one["name"]: one["type"] for one in metrics["table.column_types"]}
    dtype = dtype_of(expectation.column, schema)
    is_met = wanted is None or any(is_type(dtype, name) for name in wanted)
    return {"success": is_met, "result": {"observed_value": str(dtype)}}


def _on_polars(judge: Callable[[Any, Mapping[str, Any]], dict[str, Any]], elsewhere: Callable[..., Any]) -> Any:
    """An expectation's verdict, by `judge` on Polars and as it was on every other engine."""

    def validate(
        self: Any,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> Any:
        if isinstance(execution_engine, PolarsExecutionEngine):
            return judge(self, metrics)
        return elsewhere(self, metrics, runtime_configuration, execution_engine)

    return validate


def teach_type_expectations() -> None:
    """Let the three expectations about types judge Polars columns."""
    ExpectColumnTypeToBe._validate = _on_polars(  # its verdict is the only place to teach it
        lambda e, metrics: _is_as_expected(e, metrics, [e.type_]), ExpectColumnTypeToBe._validate
    )
    ExpectColumnValuesToBeOfType._validate = _on_polars(
        lambda e, metrics: _is_as_expected(e, metrics, None if e.type_ is None else [e.type_]),
        ExpectColumnValuesToBeOfType._validate,
    )
    ExpectColumnValuesToBeInTypeList._validate = _on_polars(
        lambda e, metrics: _is_as_expected(e, metrics, e.type_list), ExpectColumnValuesToBeInTypeList._validate
    )
