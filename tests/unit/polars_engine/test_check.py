"""`check_frame`: one stock checkpoint, the verdict and the rejected rows from the same conditions."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import polars as pl
import pytest
from jinja2 import Environment

from expectations.polars_engine.check import CheckResult, check_frame
from expectations.polars_engine.suite import load_suite
from tests.unit.polars_engine.frames import SESSIONS, SUITE, expectation, suite_text


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckResult:
    folder = tmp_path_factory.mktemp("check")
    return check_frame(
        SESSIONS.lazy(),
        load_suite(SUITE),
        keep=["line"],
        rejected_path=folder / "rejected.parquet",
        data_docs_dir=folder / "docs",
        suite_parameters={"least_rows": 100},
    )


def test_every_failing_row_is_split_off_with_all_its_rules_in_suite_order(checked: CheckResult) -> None:
    rejected = pl.read_parquet(checked.rejected_path).select("line", "failed")
    assert rejected.schema["failed"] == pl.List(pl.UInt16)
    assert rejected.rows() == [(3, [1, 2, 3]), (4, [1]), (5, [0]), (6, [2])]


def test_rejected_rows_keep_all_their_columns(checked: CheckResult) -> None:
    rejected = pl.read_parquet(checked.rejected_path)
    whole = SESSIONS.filter(pl.col("line").is_in([3, 4, 5, 6]))
    assert rejected.select(SESSIONS.columns).equals(whole)


def test_rules_stand_in_suite_order_with_what_people_need(checked: CheckResult) -> None:
    assert [(rule.index, rule.code, rule.severity, rule.columns) for rule in checked.rules] == [
        (0, "gate_between", "warning", ("value",)),
        (1, "gate_unique", "critical", ("user",)),
        (2, "gate_not_be_null", "info", ("value",)),
        (3, "gate_pair_values_a_to_be_greater_than_b", "critical", ("end", "start")),
    ]
    assert checked.rules[0].sentence == "value must be greater than or equal to 0 and less than or equal to 100."
    assert checked.rules[3].sentence == "Values in end must always be greater than or equal to those in start."


def test_expectations_keep_their_ids(checked: CheckResult) -> None:
    ids = [str(expectation.id) for expectation in load_suite(SUITE).expectations]
    assert [outcome.expectation_id for outcome in checked.outcomes] == ids
    assert {rule.expectation_id for rule in checked.rules} <= set(ids)
    assert {str(one.expectation_config.id) for one in checked.result.results} == set(ids)


def test_outcomes_stand_in_suite_order_with_counts(checked: CheckResult) -> None:
    found = [(o.is_met, o.checked, o.unexpected, o.observed) for o in checked.outcomes]
    assert found == [
        (True, 4, 1, None),  # mostly=0.5 decides the verdict, not which rows are split off
        (False, None, None, "6"),
        (False, 5, 2, None),
        (False, 6, 2, None),
        (False, 6, 1, None),
    ]
    assert [outcome.error for outcome in checked.outcomes] == [None] * 5


def test_the_result_is_great_expectations_own(checked: CheckResult) -> None:
    assert checked.result.success is False
    assert checked.result.get_max_severity_failure().value == "critical"
    assert checked.result.statistics["evaluated_expectations"] == 5


def test_samples_name_rows_by_the_kept_columns(checked: CheckResult) -> None:
    unique = next(r for r in checked.result.results if "unique" in r.expectation_config.type)
    assert unique.result["partial_unexpected_index_list"] == [{"line": 3, "user": "b"}, {"line": 4, "user": "b"}]


def test_data_docs_ask_no_other_host_for_anything(checked: CheckResult) -> None:
    assert checked.data_docs_index is not None
    pages = list(checked.data_docs_index.parent.rglob("*.html"))
    assert len(pages) == 3
    for page in pages:
        html = page.read_text(encoding="utf-8")
        loads = re.findall(r"<(?:link|script|img|iframe)\b[^>]*(?:href|src)=\"([^\"]*)\"", html)
        assert loads
        assert [address for address in loads if "//" in address] == []
        assert not re.search(r"url\(\s*['\"]?http", html)
        assert all((page.parent / address).is_file() for address in loads)


def test_data_docs_escape_what_comes_from_data(tmp_path: Path) -> None:
    suite = load_suite(suite_text(expectation("column_values_to_be_in_set", column="user", value_set=["a"])))
    docs = tmp_path / "docs"
    check_frame(SESSIONS.lazy(), suite, keep=["user"], rejected_path=tmp_path / "r.parquet", data_docs_dir=docs)
    pages = [page.read_text(encoding="utf-8") for page in docs.rglob("*.html")]
    assert any("alert(1)" in page for page in pages)
    assert not any("<script>alert(1)" in page for page in pages)


def test_templates_of_data_docs_are_compiled_once_on_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = load_suite(suite_text(expectation("column_values_to_not_be_null", column="user")))

    def pages_of(name: str) -> int:
        docs = tmp_path / name
        check_frame(SESSIONS.lazy(), suite, keep=["user"], rejected_path=tmp_path / "r.parquet", data_docs_dir=docs)
        return len([*docs.rglob("*.html")])

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pages = pages_of("first")
    monkeypatch.delattr(Environment, "compile")
    assert pages_of("second") == pages


def test_data_docs_keep_the_values_of_a_pair_apart(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"a": [1], "b": ["<b>"]})
    suite = load_suite(suite_text(expectation("column_pair_values_to_be_equal", column_A="a", column_B="b")))
    docs = tmp_path / "docs"
    check_frame(frame, suite, keep=["a"], rejected_path=tmp_path / "r.parquet", data_docs_dir=docs)
    assert any("1, &lt;b&gt;" in page.read_text(encoding="utf-8") for page in docs.rglob("*.html"))


def test_an_expectation_that_cannot_be_evaluated_says_so_and_leaves_the_others_alone(tmp_path: Path) -> None:
    suite = load_suite(
        suite_text(
            expectation("column_values_to_be_between", column="user", min_value=3),
            expectation("column_values_to_be_unique", column="user"),
            expectation("column_values_to_be_in_set", column="nobody", value_set=[1]),
            expectation("column_mean_to_be_between", column="start", min_value=3),
        )
    )
    checked = check_frame(
        SESSIONS.lazy(), suite, keep=["line"], rejected_path=tmp_path / "r.parquet", data_docs_dir=None
    )
    errors = [outcome.error for outcome in checked.outcomes]
    assert errors[0] == "a String column cannot be compared with float 3.0"
    assert errors[1] is None
    assert errors[2] == 'the column "nobody" does not exist'
    assert errors[3] is not None
    assert [outcome.is_met for outcome in checked.outcomes] == [False] * 4
    assert pl.read_parquet(tmp_path / "r.parquet")["failed"].to_list() == [[1], [1]]


def test_a_rule_that_breaks_while_it_runs_takes_no_other_rule_with_it(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"line": [1, 2], "text": ["{}", "not json"]})
    suite = load_suite(
        suite_text(
            expectation("column_values_to_match_json_schema", column="text", json_schema={"type": "object"}),
            expectation("column_values_to_be_in_set", column="text", value_set=["{}"]),
        )
    )
    checked = check_frame(frame, suite, keep=["line"], rejected_path=tmp_path / "r.parquet", data_docs_dir=None)
    assert checked.outcomes[0].error is not None
    assert "a value of text is not JSON" in checked.outcomes[0].error
    assert (checked.outcomes[1].error, checked.outcomes[1].unexpected) == (None, 1)
    assert pl.read_parquet(tmp_path / "r.parquet").select("line", "failed").rows() == [(2, [1])]


@pytest.mark.parametrize("text", [suite_text(), suite_text(expectation("table_row_count_to_equal", value=6))])
def test_with_no_row_rule_no_row_is_rejected(text: str, tmp_path: Path) -> None:
    path = tmp_path / "sub" / "r.parquet"
    checked = check_frame(SESSIONS.lazy(), load_suite(text), keep=["line"], rejected_path=path, data_docs_dir=None)
    rejected = pl.read_parquet(path)
    assert (rejected.height, rejected.schema["failed"]) == (0, pl.List(pl.UInt16))
    assert checked.result.success is True


def test_two_expectations_with_one_condition_are_both_named(tmp_path: Path) -> None:
    twice = expectation("column_values_to_be_in_set", column="user", value_set=["a", "b"])
    suite = load_suite(suite_text(twice, {**twice, "severity": "info"}))
    checked = check_frame(
        SESSIONS.lazy(), suite, keep=["line"], rejected_path=tmp_path / "r.parquet", data_docs_dir=None
    )
    assert pl.read_parquet(tmp_path / "r.parquet")["failed"].to_list() == [[0, 1], [0, 1]]
    assert len({rule.expectation_id for rule in checked.rules}) == 2


def test_more_rules_than_one_table_of_lists_holds(tmp_path: Path) -> None:
    bounds = [expectation("column_values_to_be_between", column="n", max_value=limit) for limit in range(20)]
    frame = pl.LazyFrame({"n": [3, 25, 0, 11]})
    check_frame(
        frame, load_suite(suite_text(*bounds)), keep=["n"], rejected_path=tmp_path / "r.parquet", data_docs_dir=None
    )
    rejected = pl.read_parquet(tmp_path / "r.parquet").select("n", "failed").rows()
    assert rejected == [(3, list(range(3))), (25, list(range(20))), (11, list(range(11)))]


def test_masked_columns_show_no_value_anywhere(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"line": [1, 2], "email": ["ann@example.org", "bob@example.org"]})
    suite = load_suite(
        suite_text(
            expectation("column_values_to_match_regex", column="email", regex="^x"),
            expectation("column_value_lengths_to_equal", column="email", value=1),
            expectation("column_pair_values_to_be_equal", column_A="line", column_B="email"),
            expectation("column_distinct_values_to_be_in_set", column="email", value_set=["c"]),
            expectation("column_most_common_value_to_be_in_set", column="email", value_set=["c"]),
        )
    )
    checked = check_frame(
        frame,
        suite,
        keep=["line"],
        rejected_path=tmp_path / "r.parquet",
        data_docs_dir=tmp_path / "docs",
        masked_columns={"email"},
    )
    said = json.dumps(checked.result.to_json_dict()) + str(checked.outcomes)
    said += "".join(page.read_text(encoding="utf-8") for page in (tmp_path / "docs").rglob("*.html"))
    assert "example.org" not in said
    assert [outcome.is_met for outcome in checked.outcomes] == [False] * 5


def test_a_column_that_is_called_failed_is_refused_unless_another_name_is_given(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"failed": [1, 2]})
    suite = load_suite(suite_text(expectation("column_values_to_be_in_set", column="failed", value_set=[1])))
    path = tmp_path / "r.parquet"
    with pytest.raises(ValueError, match="failed_column"):
        check_frame(frame, suite, keep=[], rejected_path=path, data_docs_dir=None)
    check_frame(frame, suite, keep=[], rejected_path=path, data_docs_dir=None, failed_column="rules")
    assert pl.read_parquet(path).select("failed", "rules").rows() == [(2, [0])]
