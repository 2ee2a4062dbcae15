"""Outliers"""

from __future__ import annotations

import pytest

from tests.spec.conftest import Analyze
from tests.spec.small_batches import SESSION_COLUMNS, SESSION_ROLES, contract_of, moment

VALUES = contract_of({"who": "string", "value": "decimal"}, entity="who", value="value")
FLOATS = contract_of({"value": "float"}, value="value")


class TestOutlierBounds:
    title = "outlier_bounds"

    def test_quartiles_and_fences(self, analyze: Analyze) -> None:
        """One row a measure (`duration_seconds`, `value`). Quartiles are exact and linear between neighbours; the
        bounds lie one and a half interquartile ranges (`iqr`) beyond; `below` and `above` count what is past them."""
        table = """
        value
        1.00
        2.00
        3.00
        4.00
        100.00
        """
        assert analyze(table, VALUES)["outlier_bounds"] == [
            {
                "measure": "value",
                "count": 5,
                "mean": 22.0,
                "std": 43.6176569751,
                "minimum": 1.0,
                "q1": 2.0,
                "median": 3.0,
                "q3": 4.0,
                "maximum": 100.0,
                "iqr": 2.0,
                "lower_bound": -1.0,
                "upper_bound": 7.0,
                "below": 0,
                "above": 1,
                "share": 0.2,
                "mad": 1.0,
            }
        ]

    def test_between_two_values(self, analyze: Analyze) -> None:
        """A quartile that falls between two values is on the line between them."""
        table = """
        value
        1.00
        2.00
        3.00
        10.00
        """
        row = analyze(table, VALUES)["outlier_bounds"][0]
        assert (row["q1"], row["median"], row["q3"]) == (1.75, 2.5, 4.75)

    def test_on_the_bound_is_not_beyond_it(self, analyze: Analyze) -> None:
        """A value that lies exactly on a bound is no outlier. Here the bounds are 0.5 and 4.5."""
        table = """
        value
        2.00
        2.00
        2.00
        3.00
        3.00
        3.00
        {last}
        """
        on, past = (analyze(table.format(last=last), VALUES)["outlier_bounds"][0] for last in ("4.50", "4.51"))
        assert (on["upper_bound"], on["above"]) == (4.5, 0)
        assert (past["upper_bound"], past["above"]) == (4.5, 1)

    def test_durations_that_count(self, analyze: Analyze) -> None:
        """Durations are those of zero or more; missing and negative ones are in `batch_totals`."""
        table = """
        start               | end
        2024-03-01 10:00:00 | 2024-03-01 10:00:10
        2024-03-01 10:00:00 | 2024-03-01 10:00:00
        2024-03-01 10:00:00 | 2024-03-01 09:59:00
        2024-03-01 10:00:00 | -
        """
        durations = analyze(table)["outlier_bounds"][0]
        assert (durations["count"], durations["minimum"], durations["maximum"]) == (2, 0.0, 10.0)

    def test_a_measure_without_values(self, analyze: Analyze) -> None:
        """A measure that is missing in every row has no bounds and no outliers."""
        table = """
        value
        -
        """
        row = analyze(table, VALUES)["outlier_bounds"][0]
        assert (row["count"], row["below"], row["above"], row["upper_bound"]) == (0, 0, 0, None)

    def test_real_floats(self, analyze: Analyze) -> None:
        """A float column works the same; numbers computed from it are shown with 12 significant digits, and values that
        are not finite count as missing."""
        table = """
        value
        0.1
        0.2
        0.3
        0.4
        1e18
        nan
        inf
        """
        row = analyze(table, FLOATS)["outlier_bounds"][0]
        assert (row["count"], row["q1"], row["median"], row["upper_bound"]) == (5, 0.2, 0.3, 0.7)
        assert (row["above"], row["maximum"]) == (1, 1e18)


class TestOutliers:
    title = "outliers"

    def test_the_most_extreme_rows(self, analyze: Analyze) -> None:
        """The rows past the bounds, farthest from the mean first, at most 100 of each measure. `z_score` is the
        distance from the mean in standard deviations (ddof 1), `robust_z_score` that from the median in MADs."""
        table = """
        user | start               | end                 | kind | value
        ann  | 2024-03-01 10:00:00 | 2024-03-01 10:00:10 | view | 1.00
        ann  | 2024-03-01 10:00:01 | 2024-03-01 10:00:11 | view | 2.00
        ann  | 2024-03-01 10:00:02 | 2024-03-01 10:00:12 | view | 3.00
        ann  | 2024-03-01 10:00:03 | 2024-03-01 10:00:13 | view | 4.00
        bob  | 2024-03-01 10:00:04 | 2024-03-01 10:00:14 | buy  | 100.00
        """
        assert analyze(table)["outliers"] == [
            {
                "measure": "value",
                "rank": 1,
                "value": 100.0,
                "side": "above",
                "z_score": 1.78826661974,
                "robust_z_score": 65.425505769,
                "entity": "bob",
                "started_at": moment("2024-03-01 10:00:04"),
                "category": "buy",
            }
        ]

    def test_both_sides(self, analyze: Analyze) -> None:
        """Outliers below and above are listed together, ties by value, start, entity and category."""
        table = """
        who | value
        ann | 0.00
        bob | 0.00
        c   | 10.00
        d   | 10.00
        e   | 10.00
        f   | 10.00
        g   | 10.00
        h   | 10.00
        i   | 20.00
        """
        listed = analyze(table, VALUES)["outliers"]
        assert [(row["rank"], row["entity"], row["side"]) for row in listed] == [
            (1, "i", "above"),
            (2, "ann", "below"),
            (3, "bob", "below"),
        ]

    def test_at_most_a_hundred(self, analyze: Analyze) -> None:
        """However many outliers there are, a hundred of each measure are listed; `outlier_bounds` counts all."""
        rows = ["0.00"] * 500 + [f"{cents / 100:.2f}" for cents in range(1, 121)]
        tables = analyze("\n".join(["value", *rows]), VALUES)
        assert tables["outlier_bounds"][0]["above"] == 120
        assert [row["value"] for row in tables["outliers"]] == [cents / 100 for cents in range(120, 20, -1)]

    def test_personal_measures_are_not_listed(self, analyze: Analyze) -> None:
        """Rows are not listed by a value that the contract calls personal; the bounds are aggregates and stay."""
        columns = SESSION_COLUMNS | {"value": {"type": "decimal", "personal": True}}
        rows = ["1.00"] * 9 + ["50.00"]
        tables = analyze("\n".join(["value", *rows]), contract_of(columns, **SESSION_ROLES))
        assert tables["outlier_bounds"][1]["above"] == 1
        assert tables["outliers"] == []

    @pytest.mark.parametrize("role", ["entity", "category"])
    def test_personal_names_are_those_of_their_table(self, analyze: Analyze, role: str) -> None:
        """A personal entity or category has the same stand-in here as in its own table."""
        contract = contract_of(
            {"who": {"type": "string", "personal": True}, "value": "integer"}, value="value", **{role: "who"}
        )
        rows = ["ann | 1"] * 9 + ["bob | 50"]
        outlier = analyze("\n".join(["who | value", *rows]), contract)["outliers"][0]
        assert (outlier[role], outlier["value"]) == ("who 2", 50.0)


class TestOutliersByCategory:
    title = "outliers_by_category"

    def test_each_category_has_its_own_bounds(self, analyze: Analyze) -> None:
        """What is usual of one category can be an outlier of another. Categories without a value of the measure have no
        row."""
        table = "\n".join(["kind | value", *["buy | 100.00"] * 6, *["view | 1.00"] * 5, "view | 50.00", "logout | -"])
        rows = analyze(table)["outliers_by_category"]
        assert [(row["measure"], row["category"], row["median"], row["above"]) for row in rows] == [
            ("value", "buy", 100.0, 0),
            ("value", "view", 1.0, 1),
        ]
