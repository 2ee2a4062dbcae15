"""How many of Great Expectations' own test cases pass on Polars, and on its own pandas engine beside it.

    git clone https://github.com/great-expectations/great_expectations CHECKOUT
    python -m benchmarks.gx_cases CHECKOUT [--verbose]

The cases are the JSON files of `tests/test_definitions`: a small table, an expectation, what must come out. Those that
are meant for pandas are run. A table with values of several types in one column cannot be a Polars frame and is counted
apart.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import great_expectations as gx
import pandas as pd
import polars as pl
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

import expectations.polars_engine  # noqa: F401  # add_polars
from expectations.polars_engine import private
from expectations.polars_engine.context import ephemeral_context, error_in

DTYPES: dict[str, Any] = {
    "str": pl.String,
    "int": pl.Int64,
    "int64": pl.Int64,
    "Int64Dtype": pl.Int64,
    "float": pl.Float64,
    "float64": pl.Float64,
    "bool": pl.Boolean,
    "datetime64[ns]": pl.Datetime("ns"),
    "datetime64": pl.Datetime("ns"),
    "datetime": pl.Datetime("us"),
    "timestamp": pl.Datetime("us"),
    "date": pl.Date,
}

PANDAS_DTYPES: dict[str, Any] = {"Int64Dtype": "Int64"}


@dataclass(frozen=True)
class Case:
    """One test case: what goes in, what must come out."""

    name: str
    expectation_type: str
    data: dict[str, list[Any]]
    dtypes: dict[str, str]
    kwargs: dict[str, Any]
    wanted: dict[str, Any]
    must_raise: bool
    tolerance: float


def cases(checkout: Path) -> Iterator[Case]:
    """The cases that are meant for pandas."""
    for file in sorted((checkout / "tests" / "test_definitions").glob("*/*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        for dataset in document.get("datasets", []):
            if not isinstance(dataset["data"], dict) or not is_for_pandas(dataset):
                continue
            for test in dataset["tests"]:
                if is_for_pandas(test) and isinstance(test["in"], dict):
                    yield Case(
                        name=f"{file.stem}: {test['title']}",
                        expectation_type=document["expectation_type"],
                        data=dataset["data"],
                        dtypes=dataset.get("schemas", {}).get("pandas", {}),
                        kwargs=test["in"],
                        wanted=test["out"],
                        must_raise="error" in test or "traceback_substring" in test["out"],
                        tolerance=test.get("tolerance", 1e-9),
                    )


def is_for_pandas(part: dict[str, Any]) -> bool:
    """Whether a dataset or test is one that Great Expectations runs on pandas."""
    only, never = (as_list(part.get(key)) for key in ("only_for", "suppress_test_for"))
    return (not only or any(name.startswith("pandas") for name in only)) and "pandas" not in never


def as_list(value: Any) -> list[str]:
    """One or several names as a list."""
    return value if isinstance(value, list) else [value] if value else []


def polars_frame(case: Case) -> pl.DataFrame:
    """The case's table, without columns of values of several types that the case does not ask about.

    Raises:
        NoFrameError: a column that it asks about has such values.
    """
    columns = []
    for name, values in case.data.items():
        try:
            columns.append(polars_column(name, values, case.dtypes.get(name)))
        except (TypeError, ValueError, pl.exceptions.PolarsError):
            if re.search(rf"\b{re.escape(name)}\b", json.dumps(case.kwargs)):
                raise NoFrameError(name) from None
    return pl.DataFrame(columns)


class NoFrameError(Exception):
    """A column cannot be a Polars column."""


def polars_column(name: str, values: list[Any], dtype: str | None) -> pl.Series:
    """One column, of the type its case gives it."""
    wanted = DTYPES.get(dtype or "")
    if wanted is not None and wanted.is_temporal():
        stamps = pd.to_datetime(pd.Series(values), format="mixed")
        zone = None if stamps.dt.tz is None else str(stamps.dt.tz)
        moments = [None if pd.isna(stamp) else stamp.to_pydatetime() for stamp in stamps]
        column = pl.Series(name, moments, dtype=pl.Datetime("us", zone))
        return column if zone else column.cast(wanted)
    if wanted == pl.String:
        return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
    return pl.Series(name, values, dtype=wanted, strict=True)


def pandas_frame(case: Case) -> pd.DataFrame:
    """The same table for Great Expectations' own engine."""
    frame = pd.DataFrame(case.data)
    for name, dtype in case.dtypes.items():
        if dtype in ("datetime64[ns]", "datetime64", "datetime", "timestamp", "date"):
            frame[name] = pd.to_datetime(frame[name], format="mixed")
            if dtype == "date":
                frame[name] = frame[name].dt.date
        elif dtype != "object":
            frame[name] = frame[name].astype(PANDAS_DTYPES.get(dtype, dtype))
    return frame


@dataclass(frozen=True)
class Found:
    """What came out of a case on one engine."""

    is_met: bool | None
    error: str | None
    result: dict[str, Any]


def run(case: Case, batch: Any) -> Found:
    """Run a case on a batch."""
    try:
        configuration = ExpectationConfiguration(type=case.expectation_type, kwargs=dict(case.kwargs))
        result = batch.validate(configuration.to_domain_obj(), result_format="COMPLETE")
    except Exception as error:  # noqa: BLE001  # a case may want one
        return Found(None, f"{type(error).__name__}: {error}", {})
    return Found(bool(result.success), error_in(result), result.to_json_dict()["result"])


def failure(case: Case, found: Found) -> str | None:
    """The first part of an outcome that is not as the case wants it; None where it passes."""
    wanted = case.wanted
    if case.must_raise or found.error:
        return None if case.must_raise and found.error else f"error: {found.error}"
    if "success" in wanted and wanted["success"] != found.is_met:
        return f"success is {found.is_met}"
    for key in ("unexpected_list", "observed_value"):
        if key in wanted and key in found.result and not is_same(found.result[key], wanted[key], case.tolerance):
            return f"{key} is {found.result[key]!r}, not {wanted[key]!r}"
    return None


def is_alike(case: Case, one: Found, other: Found) -> bool:
    """Whether two engines say the same."""
    if one.error or other.error:
        return bool(one.error) == bool(other.error)
    keys = ("element_count", "missing_count", "unexpected_count", "unexpected_list", "unexpected_index_list")
    return one.is_met == other.is_met and all(
        is_same(one.result.get(key), other.result.get(key), case.tolerance) for key in (*keys, "observed_value")
    )


def text(value: Any) -> str:
    """A value in a form that JSON's and a frame's have in common."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return str([text(part) for part in value])
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "None"
    if isinstance(value, int | float):
        return repr(float(value))
    if hasattr(value, "isoformat"):
        return pd.Timestamp(value).isoformat()
    try:
        return pd.Timestamp(value).isoformat() if isinstance(value, str) and len(value) > 9 else str(value)
    except ValueError:
        return str(value)


def is_same(found: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two observed values are the same within a tolerance."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(is_same(found[k], wanted[k], tolerance) for k in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        pairs = zip(sorted(found, key=text), sorted(wanted, key=text), strict=False)
        return len(wanted) == len(found) and all(is_same(one, other, tolerance) for one, other in pairs)
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return math.isclose(found, wanted, rel_tol=1e-6, abs_tol=tolerance)
    return text(found) == text(wanted)


def main() -> None:
    """Run the cases and print the share that passes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--verbose", action="store_true", help="name every case that fails")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    context = ephemeral_context()
    on_polars = (
        context.data_sources.add_polars("polars").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    )
    on_pandas = (
        context.data_sources.add_pandas("pandas").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    )
    counted: Counter[str] = Counter()
    for case in cases(arguments.checkout):
        if case.expectation_type not in private.REGISTERED_EXPECTATIONS:
            counted["of an expectation that Great Expectations no longer has"] += 1
            continue
        try:
            frame = polars_frame(case)
        except NoFrameError:
            counted["about a column of several types, which no Polars column is"] += 1
            continue
        found = run(case, on_polars.get_batch({"dataframe": frame}))
        found_on_pandas = run(case, on_pandas.get_batch({"dataframe": pandas_frame(case)}))
        wrong, wrong_on_pandas = failure(case, found), failure(case, found_on_pandas)
        counted["run"] += 1
        counted["pass on Polars"] += wrong is None
        counted["pass on pandas"] += wrong_on_pandas is None
        counted["pass on pandas and not on Polars"] += wrong is not None and wrong_on_pandas is None
        counted["come out alike on both"] += is_alike(case, found, found_on_pandas)
        if arguments.verbose and not is_alike(case, found, found_on_pandas):
            print(f"DIFFERS {case.name}\n  Polars: {found}\n  pandas: {found_on_pandas}")
        if arguments.verbose and wrong:
            print(f"FAILS {'on both ' if wrong_on_pandas else ''}{case.name}: {wrong}")
    for name, number in counted.items():
        share = f" ({number / counted['run']:.1%})" if name.startswith(("pass on", "come")) else ""
        print(f"{name}: {number}{share}")
    print(f"great-expectations {gx.__version__}, polars {pl.__version__}, pandas {pd.__version__}")


if __name__ == "__main__":
    main()
