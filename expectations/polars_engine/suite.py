"""Suites read from Great Expectations' own JSON, refused at once where they could not work on Polars."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from inspect import signature
from typing import Any

import great_expectations as gx
import polars as pl
from great_expectations.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from expectations.polars_engine import private
from expectations.polars_engine.context import ephemeral_context, error_in
from expectations.polars_engine.engine import PolarsExecutionEngine
from expectations.polars_engine.rules import columns_in, has_provider

_ID_SPACE = uuid.UUID("7f6f7a0e-2b52-5d4c-9a70-5d1c2b7f3a11")
_EVERYTHING = {"result_format": "COMPLETE", "partial_unexpected_count": 1, "include_unexpected_rows": True}
# Types with a reason why a frame, which has no other table beside it, cannot answer them.
REFUSED = {"expect_table_row_count_to_equal_other_table": "a Polars frame has no other table beside it"}
_ABOUT_OTHER_COLUMNS = ("expect_column_to_exist",)
_KEYS = {"name", "expectations", "id", "meta", "notes", "suite_parameters"}
_RULE_KEYS = {*signature(ExpectationConfiguration).parameters, "rendered_content"}


class SuiteError(Exception):
    """A suite cannot work on Polars. The message names every fault, one a line: where, which expectation, why."""


def load_suite(
    text: str, source: str = "suite", columns: Collection[str] | Mapping[str, pl.DataType] | None = None
) -> gx.ExpectationSuite:
    """Read a suite; the same text for the same columns is tried but once.

    Args:
        text: Great Expectations' own JSON, as `suite.to_json_dict()` gives it, or written by hand.
        source: where the text is from, named in errors.
        columns: the columns there will be; with their types, the suite is tried on an empty frame too.

    Returns:
        The suite. An expectation without an id has got one made from what it says, the same at every reading.

    Raises:
        SuiteError: it could not work.
    """
    types = tuple(columns.values()) if isinstance(columns, Mapping) else None
    return deepcopy(_loaded(text, source, None if columns is None else tuple(columns), types))


@lru_cache(maxsize=8)
def _loaded(
    text: str, source: str, columns: tuple[str, ...] | None, types: tuple[pl.DataType, ...] | None
) -> gx.ExpectationSuite:
    document = _document(text, source)
    faults: list[str] = []
    suite = gx.ExpectationSuite(name=str(document["name"]), meta=document.get("meta"), notes=document.get("notes"))
    taken: dict[str, int] = {}
    for number, entry in enumerate(document["expectations"], start=1):
        try:
            expectation = _expectation(entry)
            _refuse_unknown(expectation, columns)
        except (SuiteError, ValueError, TypeError, KeyError) as error:
            faults.append(f"{source}: expectation {number} ({_label(entry)}): {error}")
            continue
        expectation.id = expectation.id or _stable_id(entry, taken)
        suite.expectations.append(expectation)
    faults += [f"{source}: {fault}" for fault in _repeated_ids(suite)]
    if not faults and columns is not None and types is not None:
        schema = pl.Schema(zip(columns, types, strict=True))
        faults = [f"{source}: {fault}" for fault in _type_faults(suite, schema)]
    if faults:
        raise SuiteError("\n".join(faults))
    return suite


def _document(text: str, source: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise SuiteError(f"{source}:{error.lineno}: not valid JSON: {error.msg}") from None
    if not isinstance(document, dict) or not isinstance(document.get("expectations"), list):
        raise SuiteError(f"{source}: must be an object with `name` and a list `expectations`")
    if not document.get("name"):
        raise SuiteError(f"{source}: has no `name`")
    unknown = sorted(set(document) - _KEYS)
    if unknown:
        raise SuiteError(f"{source}: unknown key {unknown[0]!r}; a suite has {', '.join(sorted(_KEYS))}")
    if not isinstance(document.get("meta") or {}, dict):
        raise SuiteError(f"{source}: `meta` must be an object")
    return document


def _expectation(entry: Any) -> Expectation:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise SuiteError("has no `type`")
    if entry["type"] not in private.REGISTERED_EXPECTATIONS:
        raise SuiteError(f"there is no such type{_did_you_mean(entry['type'])}")
    if not isinstance(entry.get("kwargs", {}), dict):
        raise SuiteError("`kwargs` must be an object")
    unknown = sorted(set(entry) - _RULE_KEYS)
    if unknown:
        raise SuiteError(f"unknown key {unknown[0]!r}; an expectation has {', '.join(sorted(_RULE_KEYS))}")
    fields = {key: value for key, value in entry.items() if key != "rendered_content"}
    try:
        return ExpectationConfiguration(**{"kwargs": {}, **fields}).to_domain_obj()
    except (ValueError, GreatExpectationsError) as error:
        raise SuiteError(_one_line(error)) from None


def _did_you_mean(name: str) -> str:
    import difflib  # noqa: PLC0415  # only for an error

    near = difflib.get_close_matches(name, private.REGISTERED_EXPECTATIONS, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _one_line(error: Exception) -> str:
    """The several lines of pydantic as one: `min_value: field required; colum: extra fields not permitted`."""
    faults = getattr(error, "errors", None)
    if faults is None:
        return " ".join(str(error).split())
    return "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults())


def _label(entry: Any) -> str:
    if not isinstance(entry, dict):
        return type(entry).__name__
    given = entry.get("kwargs")
    kwargs = given if isinstance(given, dict) else {}
    named = [kwargs.get(key) for key in ("column", "column_A", "column_B") if kwargs.get(key)]
    named += [str(column) for column in kwargs.get("column_list") or []]
    about = f" on {', '.join(map(str, named))}" if named else ""
    return f"{entry.get('type')}{about}"


def _refuse_unknown(expectation: Expectation, columns: Collection[str] | None) -> None:
    if expectation.expectation_type in REFUSED:
        raise SuiteError(f"it cannot work on Polars: {REFUSED[expectation.expectation_type]}")
    for metric in _needed_metrics(expectation):
        if not has_provider(metric):
            raise SuiteError(f"it cannot work on Polars: its metric {metric} has no provider there")
    for pattern in _patterns(expectation):
        try:
            re.compile(pattern)
        except re.error as error:
            raise SuiteError(f"{pattern!r} is not a regular expression: {error}") from None
    if columns is not None and expectation.expectation_type not in _ABOUT_OTHER_COLUMNS:
        for column in columns_in(expectation):
            if column not in columns:
                raise SuiteError(f"there is no column {column!r}{_columns_there(columns)}")


def _type_faults(suite: gx.ExpectationSuite, columns: pl.Schema) -> Iterator[str]:
    """What goes wrong with a frame of these columns although it has no rows: text compared with a number."""
    numbered = enumerate(suite.expectations, start=1)
    tried = {number: one.configuration for number, one in numbered if not one.suite_parameter_options}
    source = ephemeral_context().data_sources.add_polars("polars")
    batch = source.add_dataframe_asset("empty").add_batch_definition_whole_dataframe("all")
    trial = gx.ExpectationSuite(name="trial")
    trial.expectations.extend(one.to_domain_obj() for one in tried.values())
    results = (
        batch.get_batch({"dataframe": pl.LazyFrame(schema=columns)})
        .validate(trial, result_format="BOOLEAN_ONLY")
        .results
    )
    errors = {result.expectation_config.id: error_in(result) for result in results}
    for number, configuration in tried.items():
        if error := errors[configuration.id]:
            yield f"expectation {number} ({_label(configuration.to_json_dict())}): {error}"


def _columns_there(columns: Collection[str]) -> str:
    return f" (there are: {', '.join(columns)})"


def _needed_metrics(expectation: Expectation) -> Collection[str]:
    """The metrics that Great Expectations will ask for."""
    try:
        needed = expectation.get_validation_dependencies(PolarsExecutionEngine(), {"result_format": _EVERYTHING})
    except (TypeError, ValueError, AttributeError, KeyError):
        # What is a `$PARAMETER` now cannot always be understood before it has a value.
        return list(expectation.metric_dependencies)
    return [configuration.metric_name for configuration in needed.get_metric_configurations()]


def _patterns(expectation: Expectation) -> Iterator[str]:
    kwargs = expectation.configuration.kwargs
    candidates = [kwargs.get("regex"), *(kwargs.get("regex_list") or [])]
    yield from (pattern for pattern in candidates if isinstance(pattern, str))


def _stable_id(entry: dict[str, Any], taken: dict[str, int]) -> str:
    """An id made from what the expectation says; its second occurrence in a suite gets another one."""
    said = json.dumps([entry["type"], entry.get("kwargs", {})], sort_keys=True)
    taken[said] = taken.get(said, 0) + 1
    return str(uuid.uuid5(_ID_SPACE, said if taken[said] == 1 else f"{said}#{taken[said]}"))


def _repeated_ids(suite: gx.ExpectationSuite) -> list[str]:
    ids = [expectation.id for expectation in suite.expectations]
    return [f"the id {id_} stands more than once" for id_ in sorted({i for i in ids if ids.count(i) > 1})]
