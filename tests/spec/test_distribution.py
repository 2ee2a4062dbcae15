"""Event distribution"""

from __future__ import annotations

from tests.spec.conftest import Analyze
from tests.spec.small_batches import contract_of


class TestEventDistribution:
    title = "event_distribution"

    def test_one_row_a_category(self, analyze: Analyze) -> None:
        """One row a category, most frequent first, then by name. `cumulative_share` is that of the row and all above
        it; shares are exact fractions shown with 12 significant digits."""
        table = """
        kind  | value | start               | end
        view  | 1.00  | 2024-03-01 10:00:00 | 2024-03-01 10:00:10
        click | 0.10  | 2024-03-01 10:00:00 | -
        view  | -     | 2024-03-01 10:00:00 | 2024-03-01 10:00:20
        """
        assert analyze(table)["event_distribution"] == [
            {
                "category": "view",
                "count": 2,
                "share": 0.666666666667,
                "cumulative_share": 0.666666666667,
                "mean_duration_seconds": 15.0,
                "total_value": 1.0,
                "mean_value": 1.0,
            },
            {
                "category": "click",
                "count": 1,
                "share": 0.333333333333,
                "cumulative_share": 1.0,
                "mean_duration_seconds": None,
                "total_value": 0.1,
                "mean_value": 0.1,
            },
        ]

    def test_rows_without_a_category_are_left_out(self, analyze: Analyze) -> None:
        """A missing category is not a category: its rows are left out, and counted as `missing` in
        `event_distribution_test`."""
        table = """
        kind
        view
        -
        view
        """
        tables = analyze(table)
        assert [(row["category"], row["share"]) for row in tables["event_distribution"]] == [("view", 1.0)]
        assert tables["event_distribution_test"][0]["missing"] == 1

    def test_categories_of_any_type(self, analyze: Analyze) -> None:
        """A category can be a number, a truth value or a date; tables show its text, ties go by the value itself."""
        contract = contract_of({"level": "integer"}, category="level")
        table = """
        level
        10
        9
        """
        assert [row["category"] for row in analyze(table, contract)["event_distribution"]] == ["9", "10"]

    def test_personal_categories_have_no_names(self, analyze: Analyze) -> None:
        """Where the contract calls the category personal, its place in this table stands for it."""
        contract = contract_of({"mail": {"type": "string", "personal": True}}, category="mail")
        table = """
        mail
        ann@example.org
        """
        assert [row["category"] for row in analyze(table, contract)["event_distribution"]] == ["mail 1"]


class TestEventDistributionTest:
    title = "event_distribution_test"

    def test_chi_squared_against_uniform(self, analyze: Analyze) -> None:
        """Pearson's chi-squared of the counts against equal counts, one row. With counts 3 and 1: expected 2 each,
        (1 + 1) / 2 = 1, one degree of freedom; `p_value` is the chance of counts at least this uneven."""
        table = """
        kind
        view
        view
        click
        view
        """
        assert analyze(table)["event_distribution_test"] == [
            {
                "categories": 2,
                "count": 4,
                "missing": 0,
                "expected_count": 2.0,
                "chi_squared": 1.0,
                "degrees_of_freedom": 1,
                "p_value": 0.317310507863,
            }
        ]

    def test_a_single_category_cannot_be_uneven(self, analyze: Analyze) -> None:
        """One category has no degree of freedom, and so no p-value."""
        table = """
        kind
        view
        """
        test = analyze(table)["event_distribution_test"][0]
        assert (test["chi_squared"], test["degrees_of_freedom"], test["p_value"]) == (0.0, 0, None)
