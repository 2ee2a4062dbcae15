"""Summary and totals"""

from __future__ import annotations

from typing import Any

import pytest

from expectations.errors import UsageError
from tests.spec.conftest import Analyze
from tests.spec.small_batches import SESSIONS, contract_of, moment

EVERY_TYPE = contract_of(
    {
        "text": "string",
        "whole": "integer",
        "money": {"type": "decimal", "scale": 2},
        "ratio": "float",
        "flag": "boolean",
        "day": "date",
        "at": "datetime",
    }
)


def filled(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the columns that are null in it."""
    return {name: value for name, value in row.items() if value is not None}


class TestColumnSummary:
    title = "column_summary"

    def test_every_column_whatever_its_type(self, analyze: Analyze) -> None:
        """One row a column of the contract, in its order, whatever its role. Numbers have mean, deviation and
        quantiles, texts have lengths in characters, times have a first and a last; truth values count as 0 and 1."""
        table = """
        text | whole | money | ratio | flag  | day        | at
        a    | 1     | 0.10  | 0.5   | true  | 2024-02-29 | 2024-03-01 10:00:00
        -    | 2     | 0.20  | 0.25  | false | 2024-02-28 | 2024-03-01 09:00:00.5
        Zürich | 4   | -     | nan   | true  | 2024-02-28 | -
        """
        rows = {row["column"]: filled(row) for row in analyze(table, EVERY_TYPE)["column_summary"]}
        assert list(rows) == list(EVERY_TYPE.columns)
        assert rows["text"] == {
            "column": "text",
            "type": "string",
            "count": 2,
            "missing": 1,
            "missing_share": 0.333333333333,
            "distinct": 2,
            "minimum": "Zürich",
            "maximum": "a",
            "min_length": 1,
            "max_length": 6,
            "mean_length": 3.5,
        }
        assert rows["whole"] == {
            "column": "whole",
            "type": "integer",
            "count": 3,
            "missing": 0,
            "missing_share": 0.0,
            "distinct": 3,
            "minimum": "1",
            "maximum": "4",
            "mean": 2.33333333333,
            "std": 1.52752523165,
            "q05": 1.1,
            "q25": 1.5,
            "median": 2.0,
            "q75": 3.0,
            "q95": 3.8,
        }
        assert (rows["money"]["minimum"], rows["money"]["maximum"], rows["money"]["mean"]) == ("0.10", "0.20", 0.15)
        assert (rows["ratio"]["count"], rows["ratio"]["missing"], rows["ratio"]["mean"]) == (2, 1, 0.375)
        assert (rows["flag"]["distinct"], rows["flag"]["mean"]) == (2, 0.666666666667)
        assert (rows["day"]["minimum"], rows["day"]["maximum"]) == ("2024-02-28", "2024-02-29")
        assert (rows["at"]["minimum"], rows["at"]["maximum"]) == ("2024-03-01 09:00:00.500", "2024-03-01 10:00:00")

    def test_roles_are_named(self, analyze: Analyze) -> None:
        """`role` says what a column plays in the analysis; an entity is a name, not a number, whatever its type."""
        contract = contract_of({"id": "integer", "worth": "integer"}, entity="id", value="worth")
        table = """
        id | worth
        7  | 1
        """
        rows = analyze(table, contract)["column_summary"]
        assert [(row["role"], row["mean"]) for row in rows] == [("entity", None), ("value", 1.0)]

    def test_an_all_null_column(self, analyze: Analyze) -> None:
        """A column that is missing in every row has counts and nothing else."""
        table = """
        text | whole
        -    | 1
        """
        row = analyze(table, EVERY_TYPE)["column_summary"][0]
        assert filled(row) == {
            "column": "text",
            "type": "string",
            "count": 0,
            "missing": 1,
            "missing_share": 1.0,
            "distinct": 0,
        }

    def test_personal_values_are_not_shown(self, analyze: Analyze) -> None:
        """Smallest and largest of a personal column are somebody's own: they are not shown."""
        contract = contract_of({"mail": {"type": "string", "personal": True}})
        table = """
        mail
        ann@example.org
        """
        row = analyze(table, contract)["column_summary"][0]
        assert (row["minimum"], row["maximum"], row["min_length"]) == (None, None, 15)


class TestBatchTotals:
    title = "batch_totals"

    def test_the_batch_in_one_row(self, analyze: Analyze) -> None:
        """One row. Durations are told apart: missing (no end, no start), negative (end before start), zero, and all
        that count (`durations`, zero among them), which the sums, means and deviations are of."""
        table = """
        user | start               | end                 | kind  | value
        ann  | 2024-03-01 10:00:00 | 2024-03-01 10:00:10 | view  | 1.00
        ann  | 2024-03-02 11:00:00 | 2024-03-02 11:00:30 | click | 2.50
        bob  | 2024-03-02 11:30:00 | -                   | view  | -
        bob  | 2024-03-04 23:59:59 | 2024-03-04 23:59:59 | view  | 4.00
        -    | 2024-03-04 12:00:00 | 2024-03-04 11:00:00 | -     | 0.50
        """
        assert analyze(table)["batch_totals"] == [
            {
                "rows": 5,
                "entities": 2,
                "rows_without_entity": 1,
                "categories": 2,
                "first_seen": moment("2024-03-01 10:00:00"),
                "last_seen": moment("2024-03-04 23:59:59"),
                "active_days": 3,
                "durations": 3,
                "missing_durations": 1,
                "zero_durations": 1,
                "negative_durations": 1,
                "total_duration_seconds": 40.0,
                "mean_duration_seconds": 13.3333333333,
                "std_duration_seconds": 15.2752523165,
                "values": 4,
                "total_value": 8.0,
                "mean_value": 2.0,
                "std_value": 1.58113883008,
            }
        ]


class TestEveryTable:
    title = "every table"

    def test_an_empty_batch(self, analyze: Analyze) -> None:
        """No accepted rows: every table is there, empty, and one-row tables hold zeros."""
        tables = analyze("user")
        assert tables["session_metrics"] == tables["daily_trend"] == tables["outliers"] == []
        assert tables["batch_totals"][0]["rows"] == 0
        assert [row["count"] for row in tables["hourly_trend"]] == [0] * 24
        assert [row["count"] for row in tables["outlier_bounds"]] == [0, 0]

    def test_without_roles(self, analyze: Analyze) -> None:
        """A role that the contract leaves out switches its tables off; summary and totals are always there."""
        table = """
        text
        a
        """
        assert list(analyze(table, EVERY_TYPE)) == [
            "batch_totals",
            "column_summary",
            "column_top_values",
            "column_histogram",
            "column_times",
            "column_bands",
            "correlations",
        ]

    def test_sums_that_a_float_would_round(self, analyze: Analyze) -> None:
        """Sums are added up in whole cents and divided once: ten times 0.10 is 1, and large sums keep their cents."""
        table = "\n".join(["value", *["0.10"] * 10, "90071992547409.91"])
        totals = analyze(table)["batch_totals"][0]
        assert totals["total_value"] == 90071992547410.91

    def test_sums_past_int64(self, analyze: Analyze) -> None:
        """Sums past what 64 bits hold are still right."""
        contract = contract_of({"big": "integer"}, value="big")
        table = "\n".join(["big", *["4611686018427387904"] * 4])
        totals = analyze(table, contract)["batch_totals"][0]
        assert (totals["total_value"], totals["std_value"]) == (2.0**64, 0.0)

    @pytest.mark.parametrize(("role", "played"), [("value", "kind"), ("start", "value")])
    def test_a_column_that_cannot_play_its_role(self, analyze: Analyze, role: str, played: str) -> None:
        """A role given to a column of a type that cannot play it is refused, in words."""
        roles = SESSIONS.roles.model_copy(update={role: played})
        with pytest.raises(UsageError, match=rf"roles\.{role} is the column '{played}'"):
            analyze("user", SESSIONS.model_copy(update={"roles": roles}))
