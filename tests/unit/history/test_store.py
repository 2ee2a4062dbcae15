"""Runs kept in a database, of either kind, and found again."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from expectations.errors import UsageError
from tasks.history.store import RunHistory
from tests.unit.history.test_compare import run


@pytest.fixture
def history(url: str) -> Iterator[RunHistory]:
    with closing(RunHistory(url)) as opened:
        yield opened


def test_a_new_database_has_no_runs(history: RunHistory) -> None:
    assert (history.past("events", 5), history.find("r1"), history.all(5)) == ([], None, [])


def test_a_run_comes_back_as_it_was(history: RunHistory) -> None:
    kept = run(3, totals={"mean_value": 0.1 + 0.2})
    history.remember(kept)
    assert history.find("r3") == kept


def test_a_run_kept_again_is_replaced(history: RunHistory) -> None:
    history.remember(run(3))
    history.remember(run(3, accepted=7))
    assert [one.rows.accepted for one in history.past("events", 5)] == [7]


def test_the_past_is_of_one_dataset_and_only_what_was_let_through(history: RunHistory) -> None:
    for one in (run(1), run(2), run(3, status="failed"), run(4, dataset="flights"), run(5, status="warned")):
        history.remember(one)
    assert [one.run_id for one in history.past("events", 5)] == ["r5", "r2", "r1"]
    assert [one.run_id for one in history.all(4)] == ["r5", "r4", "r3", "r2"]


def test_a_wrong_address_is_the_users_mistake() -> None:
    with pytest.raises(UsageError):
        RunHistory("nonsense")
