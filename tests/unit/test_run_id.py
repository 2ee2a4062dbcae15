"""The names of runs."""

import time

from flows.run import new_run_id


def test_runs_begun_one_after_the_other_within_a_second_sort_by_time() -> None:
    made = []
    for _ in range(5):
        made.append(new_run_id())
        time.sleep(0.002)
    assert made == sorted(made)
