"""Every comparison by name: `python -m benchmarks article --rows 1000000 --repeats 3`.

Without a name all of them run. Results go to `benchmarks/results/` as CSV, Markdown and a plot. Each way is a fresh
process, all ways in turn, imports and all: the first way is what the others are held against, in the same round.
`read` and `gate` leave imports out and have options of their own: `python -m benchmarks.read --help`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.fresh import FRESH, Row, Way, generate, in_turn, markdown, python, write_results

_IMPORTS = "import great_expectations, polars, matplotlib"
_EMPTY_FLOW = """
from prefect import flow, task
steps = [task(lambda: None, name=name) for name in ("ingest", "validate", "analyze", "report")]
@flow
def empty():
    for step in steps:
        step()
empty()
"""
Ways = Callable[[Path, int], list[Way]]


class Comparison(NamedTuple):
    """A named comparison."""

    title: str
    ways: Ways
    rows: tuple[int, ...] = (1_000_000,)
    remark: Callable[[Sequence[Row]], str] = lambda _: ""


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="?", choices=COMPARISONS, help="default: all")
    parser.add_argument("--rows", type=int, nargs="+", help="default: as many as the comparison is about")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON, and leave benchmarks/results/ alone")
    parser.add_argument("--folder", type=Path, help="where generated files are kept between runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sluice_benchmarks_") as scratch:
        folder = options.folder or Path(scratch)
        for name in [options.name] if options.name else COMPARISONS:
            asked = COMPARISONS[name]
            sizes = tuple(options.rows or asked.rows)
            found = [row for rows in sizes for row in in_turn(asked.ways(folder, rows), rows, options.repeats)]
            if options.json:
                print(json.dumps({"name": name, "ways": [one._asdict() for one in found]}, indent=2))
                continue
            command = f"python -m benchmarks {name} --rows {' '.join(map(str, sizes))} --repeats {options.repeats}"
            text = markdown(asked.title, command, found) + asked.remark(found)
            write_results(name, asked.title, text, found)
            print(text)


def _article(folder: Path, rows: int) -> list[Way]:
    from benchmarks.article_ways import WAYS  # noqa: PLC0415

    path = generate(folder / f"clean_{rows}.csv", rows)
    return [Way(name, python("-m", "benchmarks.article_ways", name, path)) for name in WAYS]


def _analysis(folder: Path, rows: int) -> list[Way]:
    landed = folder / f"landed_{rows}.parquet"
    if not landed.is_file():
        make = "from benchmarks.stage_ways import land; import sys; land(sys.argv[1], sys.argv[2])"
        in_turn([Way("landing", python("-c", make, generate(folder / f"clean_{rows}.csv", rows), landed))], rows, 1)
    imports = Way("imports only", python("-m", "benchmarks.stage_ways", "imports", landed))
    engines = ("polars", "duckdb", "pandas")
    return [imports, *(Way(one, python("-m", "benchmarks.stage_ways", one, landed)) for one in engines)]


def _report(folder: Path, rows: int) -> list[Way]:
    results = folder / f"job_{rows}"
    if not results.is_dir():
        job = _job(generate(folder / f"clean_{rows}.csv", rows))
        in_turn([Way("the job", [part.replace(FRESH, str(results)) for part in job])], rows, 1)
    ways = ("before the report", "report")
    return [Way(way, python("-m", "benchmarks.stage_ways", way, results)) for way in ways]


def _more_than_before(found: Sequence[Row]) -> str:
    """What the stage itself took, of each size."""
    pairs = [found[at : at + 2] for at in range(0, len(found), 2)]
    return "\n" + "\n".join(
        f"The report of {after.rows:,} rows: {after.cpu_seconds - before.cpu_seconds:.2f} CPU-s and "
        f"{after.peak_megabytes - before.peak_megabytes:.0f} MB more than what came before.\n"
        for before, after in pairs
    )


def _whole(folder: Path, rows: int) -> list[Way]:
    scan = Way("Polars scan as text (R)", _article(folder, rows)[0].command)
    few, many = (generate(folder / f"clean_{count}.csv", count) for count in (1000, rows))
    return [scan, Way("the job on 1,000 rows", _job(few)), Way("the job", _job(many))]


def _beyond_the_fixed_part(found: Sequence[Row]) -> str:
    """Of each size what the rows cost, in scans of the same file."""
    lines = [""]
    for scan, few, many in (found[at : at + 3] for at in range(0, len(found), 3)):
        scans = (many.cpu_seconds - few.cpu_seconds) / scan.cpu_seconds
        lines.append(f"{many.rows:,} rows cost {scans:.1f} R beyond what a thousand cost.\n")
    return "\n".join(lines)


def _orchestration(folder: Path, rows: int) -> list[Way]:
    path = generate(folder / f"clean_{rows}.csv", rows)
    return [
        Way(_IMPORTS, python("-c", _IMPORTS)),
        Way("the job without a server", _job(path)),
        Way("an empty Prefect flow of four tasks", python("-c", _EMPTY_FLOW)),
        Way("the job with a temporary server", _job(path, with_server=True)),
    ]


def _job(path: Path, *, with_server: bool = False) -> list[str]:
    """The main job, into a results folder of its own each time, so that nothing is cached."""
    command = python("-m", "flows.main", "--input", path, "--results-dir", FRESH)
    return command if with_server else [*command, "--no-server"]


COMPARISONS = {
    "article": Comparison("The article's work: CSV to every table, no gate", _article),
    "analysis": Comparison("Every result table from landed Parquet, by engine", _analysis),
    "report": Comparison("The report stage", _report, (1000, 1_000_000), _more_than_before),
    "whole": Comparison("CSV to report, gate, dead letters and all", _whole, remark=_beyond_the_fixed_part),
    "growth": Comparison("The job at growing sizes", _whole, (1_000_000, 10_000_000), _beyond_the_fixed_part),
    "orchestration": Comparison("What the orchestration costs", _orchestration, (1000,)),
}

if __name__ == "__main__":
    main()
