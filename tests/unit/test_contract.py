"""The datasets that ship: their contracts and suites load, agree with each other, and name things stably."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import great_expectations as gx
import pytest

from expectations.contract import DATASETS_DIR, Column, Contract, dataset_names, load_contract
from expectations.errors import UsageError

DATASETS = dataset_names()
COLUMN_KEYS = ("column", "column_A", "column_B")


def read_suite(dataset: str) -> dict[str, Any]:
    suite: dict[str, Any] = json.loads((DATASETS_DIR / dataset / "suite.json").read_text(encoding="utf-8"))
    return suite


def named_columns(expectation: dict[str, Any]) -> set[str]:
    kwargs = expectation["kwargs"]
    single = {kwargs[key] for key in COLUMN_KEYS if key in kwargs}
    return single | set(kwargs.get("column_list", ())) | set(kwargs.get("column_set", ()))


def test_events_ships() -> None:
    assert "events" in DATASETS


@pytest.mark.parametrize("dataset", DATASETS)
def test_suite_is_what_great_expectations_writes(dataset: str) -> None:
    written = read_suite(dataset)
    assert gx.ExpectationSuite(**read_suite(dataset)).to_json_dict() == written


@pytest.mark.parametrize("dataset", DATASETS)
def test_rules_name_only_columns_of_the_contract(dataset: str) -> None:
    contract = load_contract(dataset)
    for expectation in read_suite(dataset)["expectations"]:
        assert named_columns(expectation) <= set(contract.columns), expectation["id"]


@pytest.mark.parametrize("dataset", DATASETS)
def test_rules_have_ids_and_reason_codes_of_their_own(dataset: str) -> None:
    rules = read_suite(dataset)["expectations"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len({rule["meta"]["code"] for rule in rules}) == len(rules)


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_severity_is_used(dataset: str) -> None:
    assert {rule["severity"] for rule in read_suite(dataset)["expectations"]} == {"critical", "warning", "info"}


PINS = "dataset: demo\ncolumns: {a: {type: string}}\nsources:\n"


def write_contract(folder: Path, text: str) -> Path:
    (folder / "demo").mkdir()
    path = folder / "demo" / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load_text(tmp_path: Path, text: str) -> Contract:
    write_contract(tmp_path, text)
    return load_contract("demo", tmp_path)


def test_unknown_dataset_lists_the_known_ones(tmp_path: Path) -> None:
    write_contract(tmp_path, "dataset: demo\ncolumns: {a: {type: string}}\n")
    with pytest.raises(UsageError, match=r"no dataset 'demos'.*datasets here: demo"):
        load_contract("demos", tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dataset: demo\ncolumns:\n  a: {type: datetime}\n", r"contract.yaml:3: columns.a: .*needs `formats`"),
        (
            "dataset: demo\ncolumns:\n  a: {type: float, number_format: '1.234.56'}\n",
            r":3: columns.a.*no number format: write",
        ),
        ("dataset: demo\ncolumns:\n  a: {type: date, formats: ['%Y'], number_format: '1234,56'}\n", r":3: columns.a"),
        ("dataset: demo\ncolumns:\n  a: {type: string, number_format: '1234,56'}\n", r"belongs to columns of numbers"),
        ("dataset: demo\ncolumns:\n  a: {type: string, unti: m}\n", r":3: columns.a.unti: unknown key"),
        ("dataset: demo\ncolumns: {a: {type: string}}\nroles: {value: b}\n", r"roles.value names the column 'b'"),
        ("dataset: demo\ncolumns: {a: {type: string}}\nunique_key: [b]\n", r"unique_key names the column 'b'"),
        ("dataset: demo\ncolumns: {__a: {type: string}}\n", r"two underscores are Sluice's own: __a"),
        ("", r"contract.yaml:1: dataset: must be given\n.*:1: columns: must be given"),
        ("dataset: demo\ncolumns: {a: string}\n", r":2: columns.a: must hold keys with values"),
        ("dataset: demo\ncolumns: {}\n", r":2: columns: must not be empty"),
        ("dataset: other\ncolumns: {a: {type: string}}\n", r"says 'other' but the folder is 'demo'"),
        ("dataset: demo\ncolumns: [\n", r"contract.yaml:3: not valid YAML"),
        (f"{PINS}- files: '*.csv'\n  encodign: cp1252\n", r":5: sources.0.encodign: unknown key"),
        (f"{PINS}- encoding: no-such\n", r":4: sources.0.encoding: .*no text encoding 'no-such'"),
        (f"{PINS}- delimiter: ''\n", r":4: sources.0.delimiter: .*must not be empty"),
        (f"{PINS}- quote: '\"\"'\n", r":4: sources.0.quote: .*one character or `none`"),
        (f"{PINS}- line_end: NL\n", r":4: sources.0.line_end: .*must be LF, CRLF, CR or mixed"),
        (f"{PINS}- header_rows: -1\n", r":4: sources.0.header_rows: .*greater than or equal to 0"),
        (f"{PINS}- {{delimiter: tab, quote: tab}}\n", r":4: sources.0: .*one of them only"),
        (f"{PINS}- files: '*'\n", r":4: sources.0: .*nothing is pinned"),
        ("dataset: demo\ncolumns: {a: {type: string}, ' A': {type: string}}\n", r"columns.*'a' and ' A'.*one name"),
        ("dataset: demo\ncolumns: {a: {type: string, aliases: [B]}, b: {type: string}}\n", r"'a' and 'b'.*one name"),
    ],
)
def test_a_wrong_contract_is_refused_with_file_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_text(tmp_path, text)


def test_equal_contracts_have_equal_digests(tmp_path: Path) -> None:
    text = "dataset: demo\ncolumns: {a: {type: string}}\n"
    first = load_text(tmp_path, text)
    again = Contract.model_validate({"dataset": "demo", "columns": {"a": {"type": "string"}}})
    other = Contract.model_validate({"dataset": "demo", "columns": {"a": {"type": "integer"}}})
    assert first.digest() == again.digest() != other.digest()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("{type: datetime, formats: ['%Y-%m-%d %H:%M:%S.%f']}", "%f counts nanoseconds; write %.f"),
        ("{type: datetime, formats: ['%Y-%m-%d %H:%M %Z']}", "%Z reads the name of a zone and forgets it"),
        ("{type: datetime, formats: ['%Y-%m-%d %H:%M%z']}", "needs a `time_zone`"),
        ("{type: datetime, formats: ['%Y-%m-%dT%H:%M:%SZ'], time_zone: Asia/Tokyo}", "takes the Z for a letter"),
        ("{type: datetime, formats: ['%H:%M']}", "reads no datetime; an example is %Y-%m-%d %H:%M:%S"),
        ("{type: datetime, formats: ['%Y-%m-%d %H']}", "reads no datetime"),
        ("{type: date, formats: ['%Q']}", "reads no date; an example is %Y-%m-%d"),
        ("{type: datetime, formats: ['%Y-%m-%d'], time_zone: Europe/Berln}", "no time zone 'Europe/Berln'"),
        ("{type: date, formats: ['%Y-%m-%d'], time_zone: UTC}", "`time_zone` belongs to datetime columns"),
    ],
)
def test_a_time_that_would_not_be_read_as_it_stands_is_refused(tmp_path: Path, column: str, message: str) -> None:
    with pytest.raises(UsageError, match=rf"contract.yaml:3: columns.a: .*{re.escape(message)}"):
        load_text(tmp_path, f"dataset: demo\ncolumns:\n  a: {column}\n")


@pytest.mark.parametrize("form", ["%Y%m%d", "%d. %B %Y", "%Y-%m", "%Y-W%W-%u", "%G-W%V-%u", "%F", "%y%j"])
def test_any_format_of_days_is_taken(form: str) -> None:
    assert Column.model_validate({"type": "date", "formats": [form]}).formats == (form,)


@pytest.mark.parametrize("kind", ["missing", "reordered"])
def test_a_drift_policy_without_a_meaning_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(UsageError, match=rf"contract.yaml:4: drift: .*{kind}: discard_value. has no meaning: .*evolve"):
        load_text(tmp_path, f"dataset: demo\ncolumns:\n  a: {{type: string}}\ndrift:\n  {kind}: discard_value\n")


def test_a_column_for_texts_that_do_not_fit_must_be_free(tmp_path: Path) -> None:
    text = "dataset: demo\ncolumns: {a: {type: integer}, a__text: {type: string}}\ndrift: {retyped: evolve}\n"
    with pytest.raises(UsageError, match="needs the name 'a__text'"):
        load_text(tmp_path, text)
