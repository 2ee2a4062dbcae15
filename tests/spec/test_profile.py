"""Profile"""

from __future__ import annotations

from typing import Any

from tests.spec.conftest import Analyze
from tests.spec.small_batches import SESSION_COLUMNS, SESSION_ROLES, contract_of

NUMBERS = contract_of({"a": "integer", "b": "decimal", "flag": "boolean"})


class TestColumnTopValues:
    title = "column_top_values"

    def test_the_most_frequent_values(self, analyze: Analyze) -> None:
        """At most ten values a column, the most frequent first, ties by the value itself; missing is no value."""
        contract = contract_of({"a": "integer", "text": "string", "flag": "boolean", "day": "date"})
        table = """
        a  | text | flag  | day
        10 | x    | true  | 2024-03-02
        9  | -    | false | 2024-03-02
        10 | x    | true  | 2024-03-01
        """
        rows = analyze(table, contract)["column_top_values"]
        assert [(row["column"], row["rank"], row["value"], row["count"]) for row in rows] == [
            ("a", 1, "10", 2),
            ("a", 2, "9", 1),
            ("text", 1, "x", 2),
            ("flag", 1, "true", 2),
            ("flag", 2, "false", 1),
            ("day", 1, "2024-03-02", 2),
            ("day", 2, "2024-03-01", 1),
        ]
        assert (rows[0]["share"], rows[2]["share"]) == (0.666666666667, 1.0)

    def test_at_most_ten(self, analyze: Analyze) -> None:
        """The rest is in `distinct` of `column_summary`."""
        tables = analyze("\n".join(["a", *map(str, range(30))]), NUMBERS)
        assert [row["value"] for row in tables["column_top_values"]] == [str(at) for at in range(10)]

    def test_personal_columns_are_left_out(self, analyze: Analyze) -> None:
        """What a personal column holds is nobody's business."""
        columns = SESSION_COLUMNS | {"user": {"type": "string", "personal": True}}
        table = """
        user | kind
        ann  | view
        """
        rows = analyze(table, contract_of(columns, **SESSION_ROLES))["column_top_values"]
        assert {row["column"] for row in rows} == {"kind"}


class TestColumnHistogram:
    title = "column_histogram"

    def test_numbers_in_round_bins(self, analyze: Analyze) -> None:
        """Bins are as narrow as the usual values ask for, and begin at round numbers; the first and the last take all
        that lies beyond. The counts of a column add up to its values."""
        rows = analyze("\n".join(["a", *map(str, range(100)), "100000"]), NUMBERS)["column_histogram"]
        assert [row["lower"] for row in rows[:3]] == [None, "10", "20"]
        assert [row["count"] for row in rows[:3]] == [10, 10, 10]
        assert rows[-1] == {"column": "a", "bin": len(rows), "lower": "140", "upper": None, "count": 1}
        assert sum(row["count"] for row in rows) == 101

    def test_times_in_round_bins(self, analyze: Analyze) -> None:
        """Bins of times are seconds, minutes, hours, days or weeks; those without values are there."""
        table = """
        start
        2024-03-01 10:00:00
        2024-03-01 10:00:03
        2024-03-01 10:00:03
        """
        rows = [row for row in analyze(table)["column_histogram"] if row["column"] == "start"]
        assert [row["count"] for row in rows] == [1, 0, 0, 2]
        assert (rows[0]["lower"], rows[0]["upper"]) == ("2024-03-01 10:00:00", "2024-03-01 10:00:01")

    def test_one_value_is_one_bin(self, analyze: Analyze) -> None:
        """A column that is always the same has one bin, without ends."""
        table = """
        b
        1.50
        1.50
        """
        rows = analyze(table, NUMBERS)["column_histogram"]
        assert rows == [{"column": "b", "bin": 1, "lower": None, "upper": None, "count": 2}]


class TestColumnTimes:
    title = "column_times"

    def test_quantiles_of_times_and_dates(self, analyze: Analyze) -> None:
        """Linear between neighbours like those of numbers, then rounded down; personal times are left out."""
        columns: dict[str, Any] = {"at": "datetime", "day": "date", "born": {"type": "date", "personal": True}}
        table = """
        at                  | day        | born
        2024-03-01 10:00:00 | 2024-03-01 | 1990-01-01
        2024-03-01 10:00:01 | 2024-03-02 | 1990-01-02
        2024-03-01 12:00:00 | 2024-03-04 | 1990-01-03
        2024-03-02 10:00:00 | 2024-03-08 | 1990-01-04
        -                   | -          | -
        """
        at, day = analyze(table, contract_of(columns))["column_times"]
        assert at == {
            "column": "at",
            "q05": "2024-03-01 10:00:00.150",
            "q25": "2024-03-01 10:00:00.750",
            "median": "2024-03-01 11:00:00.500",
            "q75": "2024-03-01 17:30:00",
            "q95": "2024-03-02 06:42:00",
        }
        assert (day["q05"], day["median"], day["q95"]) == ("2024-03-01", "2024-03-03", "2024-03-07")


class TestColumnBands:
    title = "column_bands"

    def test_bands_are_the_same_in_every_run(self, analyze: Analyze) -> None:
        """A band begins at 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten, whatever the batch holds; one
        without a value is left out, and so is an edge that no value of the column could tell from its neighbour."""
        rows = analyze("\n".join(["a", "-7", "0", "1", "1", "2", "130"]), NUMBERS)["column_bands"]
        assert [(row["lower"], row["upper"], row["count"]) for row in rows] == [
            ("-8", "-6", 1),
            ("0", "1", 1),
            ("1", "2", 2),
            ("2", "3", 1),
            ("120", "150", 1),
        ]

    def test_durations_have_bands(self, analyze: Analyze) -> None:
        """Durations are numbers as well."""
        table = """
        start               | end
        2024-03-01 10:00:00 | 2024-03-01 10:00:10
        2024-03-01 10:00:00 | 2024-03-01 10:00:17
        """
        rows = analyze(table)["column_bands"]
        assert rows == [
            {"column": "duration_seconds", "lower": "10", "upper": "12", "count": 1},
            {"column": "duration_seconds", "lower": "15", "upper": "20", "count": 1},
        ]


class TestCorrelations:
    title = "correlations"

    def test_pearson_of_each_pair(self, analyze: Analyze) -> None:
        """One row a pair, over the rows that have both; truth values and entities are no quantities."""
        table = """
        a | b
        1 | 2.00
        2 | 4.00
        3 | 6.00
        9 | -
        """
        assert analyze(table, NUMBERS)["correlations"] == [
            {"column_a": "a", "column_b": "b", "rows": 3, "pearson": 1.0}
        ]

    def test_durations_are_a_quantity(self, analyze: Analyze) -> None:
        """Durations are correlated with every numeric column as well."""
        table = """
        start               | end                 | value
        2024-03-01 10:00:00 | 2024-03-01 10:00:10 | 3.00
        2024-03-01 10:00:00 | 2024-03-01 10:00:20 | 1.00
        2024-03-01 10:00:00 | 2024-03-01 10:00:30 | 2.00
        """
        assert analyze(table)["correlations"] == [
            {"column_a": "value", "column_b": "duration_seconds", "rows": 3, "pearson": -0.5}
        ]

    def test_a_constant_goes_with_nothing(self, analyze: Analyze) -> None:
        """Where one of the two is always the same there is no correlation."""
        table = """
        a | b
        1 | 2.00
        1 | 4.00
        """
        assert analyze(table, NUMBERS)["correlations"][0]["pearson"] is None
