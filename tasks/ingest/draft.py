"""A first contract and suite for a file that is nobody's dataset yet, made of what was found in it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from expectations.contract import ColumnType, Contract
from expectations.errors import UsageError
from tasks.ingest.reading import ColumnReading, FileReading

_HEAD = """\
# Drafted from one file; docs/contract.md lists what a contract can say. Types fit some 5,000 rows from all over. Look
# over the roles, which are guesses (`entity`, `end` and `duration` are yours to name), and add `unique_key: [...]`.
"""
_TIMES = (ColumnType.DATETIME, ColumnType.DATE)
_AMOUNTS = (ColumnType.DECIMAL, ColumnType.FLOAT)
_ROWS_OF_ONE_KIND = 5  # on average, for a column of text to be taken for kinds of something


class Draft(NamedTuple):
    """The texts of the two files of a dataset."""

    contract: str
    suite: str


def draft(dataset: str, reading: FileReading, pins: Mapping[str, object]) -> Draft:
    """Write down what a file looks like, so that it and those like it can be landed.

    Args:
        dataset: the dataset's name.
        reading: what was found in the file.
        pins: what was said of how it is written, in the words of a contract's `sources`.

    Raises:
        UsageError: no contract can be made of it, such as for two names that differ in upper and lower case only.
    """
    said: dict[str, Any] = {"dataset": dataset, "version": 1}
    said["columns"] = CommentedMap({column.name: _column(column) for column in reading.columns})
    roles = dict(_roles(reading))
    sources = {**pins, **_place_of_rows(reading)}
    said |= {"roles": roles} if roles else {}
    said |= {"sources": [sources]} if sources else {}
    try:
        Contract.model_validate(said)
    except ValidationError as error:
        faults = "; ".join(fault["msg"].removeprefix("Value error, ") for fault in error.errors())
        raise UsageError(f"no contract can be drafted for {dataset!r}: {faults}") from None
    for column in reading.columns:
        if note := _note(column):
            said["columns"].yaml_add_eol_comment(note, column.name)
    text = io.StringIO()
    yaml = YAML()
    yaml.width = 10_000
    yaml.dump(said, text)
    return Draft(_HEAD + text.getvalue(), _suite(dataset, reading))


def _column(column: ColumnReading) -> CommentedMap:
    said = CommentedMap(column.fits.model_dump(mode="json", exclude_unset=True))
    said.fa.set_flow_style()
    return said


def _note(column: ColumnReading) -> str:
    """What is worth knowing of a column beside its type."""
    kind = column.type.partition(", stored as ")[0]
    is_all = kind == "string" or (column.fits.type is not ColumnType.STRING and not kind.startswith("mostly"))
    return "" if is_all else kind


def _roles(reading: FileReading) -> Iterator[tuple[str, str]]:
    """The first column that could play each part."""
    starts = [column.name for column in reading.columns if column.fits.type in _TIMES]
    kinds = [column.name for place, column in enumerate(reading.columns) if _holds_kinds(reading, place)]
    amounts = [column.name for column in reading.columns if column.fits.type in _AMOUNTS]
    for role, names in (("start", starts), ("category", kinds), ("value", amounts)):
        if names:
            yield role, names[0]


def _holds_kinds(reading: FileReading, place: int) -> bool:
    cells = [row[place] for row in reading.first_rows if row[place]]
    is_text = reading.columns[place].fits.type is ColumnType.STRING
    return is_text and 1 < len(set(cells)) <= len(cells) / _ROWS_OF_ONE_KIND


def _place_of_rows(reading: FileReading) -> dict[str, int]:
    """Where the header or the rows begin in a text whose header is not one row with a name for each column."""
    dialect = reading.dialect
    is_named = [name.strip() for name in reading.header] == [column.name for column in reading.columns]
    if dialect is None or (is_named and dialect.header_rows == 1):
        return {}
    if is_named:
        return {"skip_rows": dialect.skip_rows, "header_rows": dialect.header_rows}
    return {"skip_rows": reading.first_line - 1, "header_rows": 0}


def _suite(dataset: str, reading: FileReading) -> str:
    """Rules that the file obeys; what `info` finds is noted and rejects nothing."""
    names = [column.name for column in reading.columns]
    rules = [
        _rule("table_columns_to_match_set", "critical", "missing_columns", column_set=names, exact_match=False),
        _rule("table_row_count_to_be_between", "critical", "no_rows", min_value=1),
    ]
    filled = [column.name for column in reading.columns if column.filled_share == 1]
    rules += [_rule("column_values_to_not_be_null", "info", f"missing_{name}", column=name) for name in filled]
    return json.dumps({"name": dataset, "expectations": rules}, indent=2, ensure_ascii=False) + "\n"


def _rule(kind: str, severity: str, code: str, **kwargs: object) -> dict[str, object]:
    return {"type": f"expect_{kind}", "kwargs": kwargs, "meta": {"code": code}, "severity": severity}
