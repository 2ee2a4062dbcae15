"""Session metrics"""

from __future__ import annotations

from tests.spec.conftest import Analyze
from tests.spec.small_batches import SESSION_COLUMNS, SESSION_ROLES, contract_of, moment


class TestSessionMetrics:
    title = "session_metrics"

    def test_one_row_an_entity(self, analyze: Analyze) -> None:
        """One row an entity, most sessions first, then by name. Sums are exact; the deviation is that of a sample
        (ddof 1). A session that has no end adds to `sessions`, not to `timed_sessions`."""
        table = """
        user | start               | end                 | kind  | value
        bob  | 2024-03-01 10:00:00 | 2024-03-01 10:00:10 | view  | 0.10
        ann  | 2024-03-02 11:00:00 | 2024-03-02 11:00:30 | click | 2.50
        bob  | 2024-03-02 11:30:00 | -                   | view  | -
        bob  | 2024-03-03 09:00:00 | 2024-03-03 09:00:20 | click | 0.20
        """
        bob = {
            "entity": "bob",
            "sessions": 3,
            "timed_sessions": 2,
            "total_duration_seconds": 30.0,
            "mean_duration_seconds": 15.0,
            "min_duration_seconds": 10.0,
            "max_duration_seconds": 20.0,
            "std_duration_seconds": 7.07106781187,
            "total_value": 0.3,
            "mean_value": 0.15,
            "first_seen": moment("2024-03-01 10:00:00"),
            "last_seen": moment("2024-03-03 09:00:00"),
            "categories": 2,
        }
        ann = {
            "entity": "ann",
            "sessions": 1,
            "timed_sessions": 1,
            "total_duration_seconds": 30.0,
            "mean_duration_seconds": 30.0,
            "min_duration_seconds": 30.0,
            "max_duration_seconds": 30.0,
            "std_duration_seconds": None,
            "total_value": 2.5,
            "mean_value": 2.5,
            "first_seen": moment("2024-03-02 11:00:00"),
            "last_seen": moment("2024-03-02 11:00:00"),
            "categories": 1,
        }
        assert analyze(table)["session_metrics"] == [bob, ann]

    def test_rows_without_an_entity_are_left_out(self, analyze: Analyze) -> None:
        """Rows without an entity belong to nobody: they are left out here, and counted in `batch_totals`."""
        table = """
        user | start               | end
        -    | 2024-03-01 10:00:00 | 2024-03-01 10:00:10
        ann  | 2024-03-02 11:00:00 | 2024-03-02 11:00:30
        """
        tables = analyze(table)
        assert [row["entity"] for row in tables["session_metrics"]] == ["ann"]
        assert tables["batch_totals"][0]["rows_without_entity"] == 1

    def test_negative_durations_do_not_count(self, analyze: Analyze) -> None:
        """A negative duration is a fault of the data: it is in no sum, mean or deviation. Zero counts."""
        table = """
        user | start               | end
        ann  | 2024-03-01 10:00:00 | 2024-03-01 09:00:00
        ann  | 2024-03-02 11:00:00 | 2024-03-02 11:00:00
        ann  | 2024-03-03 11:00:00 | 2024-03-03 11:00:01
        """
        ann = analyze(table)["session_metrics"][0]
        assert (ann["sessions"], ann["timed_sessions"]) == (3, 2)
        assert (ann["min_duration_seconds"], ann["mean_duration_seconds"]) == (0.0, 0.5)

    def test_a_fraction_of_a_second_is_kept(self, analyze: Analyze) -> None:
        """Durations are whole microseconds, never cut to seconds."""
        table = """
        user | start               | end
        ann  | 2024-03-01 10:00:00 | 2024-03-01 10:00:00.250001
        """
        assert analyze(table)["session_metrics"][0]["total_duration_seconds"] == 0.250001

    def test_a_duration_column_in_its_unit(self, analyze: Analyze) -> None:
        """A dataset without end times can have a duration column, in a unit that the contract names."""
        contract = contract_of({"plane": "string", "air_time": "integer"}, entity="plane", minutes="air_time")
        table = """
        plane | air_time
        N1    | 90
        N1    | 30
        """
        plane = analyze(table, contract)["session_metrics"][0]
        assert (plane["total_duration_seconds"], plane["mean_duration_seconds"]) == (7200.0, 3600.0)
        assert plane["first_seen"] is None

    def test_personal_entities_have_no_names(self, analyze: Analyze) -> None:
        """Where the contract calls the entity personal, its place in this table stands for it, in every table."""
        columns = SESSION_COLUMNS | {"user": {"type": "string", "personal": True}}
        contract = contract_of(columns, **SESSION_ROLES)
        table = """
        user | start
        bob  | 2024-03-01 10:00:00
        ann  | 2024-03-01 10:00:00
        bob  | 2024-03-01 10:00:00
        """
        assert [row["entity"] for row in analyze(table, contract)["session_metrics"]] == ["user 1", "user 2"]
