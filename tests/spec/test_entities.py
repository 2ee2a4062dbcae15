"""Entities"""

from __future__ import annotations

from datetime import date

from tests.spec.conftest import Analyze

TABLE = """
user | start               | end                 | value
ann  | 2024-03-01 10:00:00 | 2024-03-01 10:00:30 | 1.00
ann  | 2024-03-02 10:00:00 | 2024-03-02 10:00:00 | -
ann  | 2024-03-02 11:00:00 | 2024-03-02 11:00:00 | 1.00
bob  | 2024-03-02 12:00:00 | 2024-03-02 12:00:10 | 6.00
"""


class TestTopEntities:
    title = "top_entities"

    def test_who_has_the_most(self, analyze: Analyze) -> None:
        """Ten rows for each of sessions, time and value, the most first; ties go by the place in `session_metrics`."""
        columns = ("by", "rank", "entity", "amount", "share")
        rows = [tuple(row[name] for name in columns) for row in analyze(TABLE)["top_entities"]]
        assert rows == [
            ("sessions", 1, "ann", 3.0, 0.75),
            ("sessions", 2, "bob", 1.0, 0.25),
            ("total_duration_seconds", 1, "ann", 30.0, 0.75),
            ("total_duration_seconds", 2, "bob", 10.0, 0.25),
            ("total_value", 1, "bob", 6.0, 0.75),
            ("total_value", 2, "ann", 2.0, 0.25),
        ]


class TestEntityConcentration:
    title = "entity_concentration"

    def test_what_the_most_active_have(self, analyze: Analyze) -> None:
        """Rows for the most active 1, 5, 10, 20 and 50 percent of the entities; at least one entity each."""
        rows = analyze(TABLE)["entity_concentration"]
        assert [row["top_share"] for row in rows] == [0.01, 0.05, 0.1, 0.2, 0.5]
        assert rows[-1] == {
            "top_share": 0.5,
            "entities": 1,
            "sessions": 3,
            "sessions_share": 0.75,
            "value_share": 0.25,
        }


class TestNewAndReturning:
    title = "new_and_returning"

    def test_first_seen_and_seen_before(self, analyze: Analyze) -> None:
        """An entity is new on the day of its first row in this batch, and returns on every later day that has it."""
        assert analyze(TABLE)["new_and_returning"] == [
            {
                "day": date(2024, 3, 1),
                "entities": 1,
                "new": 1,
                "returning": 0,
                "new_share": 1.0,
                "seen_so_far": 1,
            },
            {
                "day": date(2024, 3, 2),
                "entities": 2,
                "new": 1,
                "returning": 1,
                "new_share": 0.5,
                "seen_so_far": 2,
            },
        ]
