"""The yardstick of the benchmarks: fresh processes, and what the kernel says of them."""

import sys
from pathlib import Path

import pytest

from benchmarks.article_ways import WAYS
from benchmarks.comparisons import COMPARISONS
from benchmarks.environments import has
from benchmarks.fresh import FRESH, PROJECT, Way, generate, in_turn, markdown, python, run
from benchmarks.read import make_file
from benchmarks.read_ways import measure


def test_ways_are_held_against_the_first_and_a_fresh_folder_is_fresh(tmp_path: Path) -> None:
    calm = Way("calm", python("-c", "pass"))
    busy = Way("busy", python("-c", "import os, sys; os.mkdir(sys.argv[1])", f"{FRESH}/new"))
    first, second = in_turn([calm, busy], rows=7, repeats=2)
    assert (first.way, first.rows, first.times_first) == ("calm", 7, 1.0)
    assert min(first.cpu_seconds, second.cpu_seconds, second.peak_megabytes) > 0
    assert "| busy | 7 |" in markdown("a title", "a command", [first, second])


def test_the_peak_of_a_job_is_that_of_its_stages() -> None:
    summary = '{"stage_peak_memory_bytes": {"ingest": 1, "analyze": 8589934592}}'
    code = f"import os, sys; os.mkdir(sys.argv[1]); open(sys.argv[1] + '/summary.json', 'w').write('{summary}')"
    (job,) = in_turn([Way("job", python("-c", code, f"{FRESH}/run"))], rows=1, repeats=1)
    assert job.peak_megabytes == 8192


def test_a_way_may_tell_what_it_cost_without_its_imports() -> None:
    said = python("-c", """print('a word before'); print('{"cpu_seconds": 12.5}')""")
    assert run(said, tells=True).cpu_seconds == 12.5
    assert run(said).cpu_seconds < 12.5


def test_a_way_that_fails_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        run(python("-c", "raise SystemExit(3)"))


def test_every_way_of_the_articles_work_goes_through(tmp_path: Path) -> None:
    path = generate(tmp_path / "few.csv", 500)
    for _, way in WAYS.values():
        way(path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_reader_and_what_it_is_held_against_go_through(tmp_path: Path) -> None:
    path = make_file(tmp_path, "dirt", 1000)
    cost = measure("sluice", path)
    assert (cost["read"], cost["landed"], cost["letters"]) == (1000, 990, 10)
    path = generate(tmp_path / "few.csv", 500)
    for way in ("polars", "polars6", "pandas", "duckdb"):
        assert measure(way, path)["cpu_seconds"] > 0


def test_what_an_environment_lacks_is_left_out_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    python_here = Path(sys.executable)
    assert has(python_here, "json")
    assert not has(python_here, "no_such_module")
    assert "left out: no_such_module cannot be imported" in capsys.readouterr().err


def test_the_page_on_performance_names_every_comparison() -> None:
    page = (PROJECT / "docs" / "performance.md").read_text(encoding="utf-8")
    by_name = page.partition("## By name")[2].partition("\n## ")[0]
    assert [name for name in COMPARISONS if f"`{name}`" not in by_name] == []
