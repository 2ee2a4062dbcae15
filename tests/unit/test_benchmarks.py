"""The yardstick of the benchmarks: fresh processes, and what the kernel says of them."""

from pathlib import Path

import pytest

from benchmarks.article_ways import WAYS
from benchmarks.fresh import FRESH, Way, generate, in_turn, markdown, python, run


def test_ways_are_held_against_the_first_and_a_fresh_folder_is_fresh(tmp_path: Path) -> None:
    calm = Way("calm", python("-c", "pass"))
    busy = Way("busy", python("-c", "import os, sys; os.mkdir(sys.argv[1])", f"{FRESH}/new"))
    first, second = in_turn([calm, busy], rows=7, repeats=2)
    assert (first.way, first.rows, first.times_first) == ("calm", 7, 1.0)
    assert min(first.cpu_seconds, second.cpu_seconds, second.peak_megabytes) > 0
    assert "| busy | 7 |" in markdown("a title", "a command", [first, second])


def test_a_way_that_fails_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        run(python("-c", "raise SystemExit(3)"))


def test_every_way_of_the_articles_work_goes_through(tmp_path: Path) -> None:
    path = generate(tmp_path / "few.csv", 500)
    for way in WAYS.values():
        way(path)
    assert list(tmp_path.iterdir()) == [path]
