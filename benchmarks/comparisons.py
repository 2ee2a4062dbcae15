"""What can be compared: the ways of each comparison, and what is to be said of their costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from benchmarks import article_ways, peer_ways
from benchmarks.environments import environment, has
from benchmarks.fresh import FRESH, Row, Way, generate, in_turn, python
from benchmarks.read import make_file

_EMPTY_FLOW = """
from prefect import flow, task
steps = [task(lambda: None, name=name) for name in ("ingest", "validate", "analyze", "report")]
@flow
def empty():
    for step in steps:
        step()
empty()
"""


class Asked(NamedTuple):
    """What a comparison is made for."""

    folder: Path  # where files and environments are kept
    rows: int
    with_article_versions: bool = False


class Comparison(NamedTuple):
    """A named comparison."""

    title: str
    ways: Callable[[Asked], list[Way]]
    rows: tuple[int, ...] = (1_000_000,)
    remark: Callable[[Sequence[Row]], str] = lambda _: ""


def _clean(asked: Asked) -> Path:
    return generate(asked.folder / f"clean_{asked.rows}.csv", asked.rows)


def _article(asked: Asked) -> list[Way]:
    path, module = _clean(asked), "benchmarks.article_ways"
    ways = [Way(said, python("-m", module, way, path)) for way, (said, _) in article_ways.WAYS.items()]
    ways.append(Way("Sluice, the whole gated job", job(path)))
    if asked.with_article_versions:
        own = str(environment("article", asked.folder))
        ways.append(Way("the article's pandas, on pandas 2.1.4", [own, "-m", module, "article", str(path)]))
    return ways


def _peers(asked: Asked) -> list[Way]:
    path, own = _clean(asked), environment("peers", asked.folder)
    return [
        Way("Sluice, the whole gated job", job(path)),
        *(
            Way(said, [str(own), "-m", "benchmarks.peer_ways", way, str(path)])
            for way, (said, module, _) in peer_ways.WAYS.items()
            if has(own, module)
        ),
    ]


def _read(asked: Asked) -> list[Way]:
    ways = {"clean": ("polars", "sluice", "pandas", "duckdb"), "quoted": ("polars", "sluice"), "dirt": ("sluice",)}
    return [
        Way(f"{way}, {variant}", python("-m", "benchmarks.read", "--measure", way, path), tells=True)
        for variant, ways_of in ways.items()
        for path in [make_file(asked.folder, variant, asked.rows)]
        for way in ways_of
    ]


def _gate(asked: Asked) -> list[Way]:
    parquet = asked.folder / f"gate_{asked.rows}.parquet"
    if not parquet.is_file():
        asked.folder.mkdir(parents=True, exist_ok=True)
        make = "import sys; from pathlib import Path; from benchmarks.gate import *; "
        make += "write_events(Path(sys.argv[1]), int(sys.argv[2]), BAD_SHARE)"
        in_turn([Way("events", python("-c", make, parquet, asked.rows))], asked.rows, 1)
    said = {
        "polars": "Great Expectations on our Polars engine",
        "polars60": "the same, 60 expectations",
        "bare": "the same masks in bare Polars",
        "pandas": "Great Expectations on pandas, BASIC",
        "pandas_complete": "Great Expectations on pandas, COMPLETE",
    }
    return [
        Way(name, python("-m", "benchmarks.gate", "--measure", way, parquet), tells=True) for way, name in said.items()
    ]


def _analysis(asked: Asked) -> list[Way]:
    landed = asked.folder / f"landed_{asked.rows}.parquet"
    if not landed.is_file():
        make = "from benchmarks.stage_ways import land; import sys; land(sys.argv[1], sys.argv[2])"
        in_turn([Way("landing", python("-c", make, _clean(asked), landed))], asked.rows, 1)
    imports = Way("imports only", python("-m", "benchmarks.stage_ways", "imports", landed))
    engines = ("polars", "duckdb", "pandas")
    return [imports, *(Way(one, python("-m", "benchmarks.stage_ways", one, landed)) for one in engines)]


def _report(asked: Asked) -> list[Way]:
    results = asked.folder / f"job_{asked.rows}"
    if not results.is_dir():
        command = [part.replace(FRESH, str(results)) for part in job(_clean(asked))]
        in_turn([Way("the job", command)], asked.rows, 1)
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


def _whole(asked: Asked) -> list[Way]:
    path, few = _clean(asked), _clean(asked._replace(rows=1000))
    scan = Way(article_ways.WAYS["scan"][0], python("-m", "benchmarks.article_ways", "scan", path))
    return [scan, Way("the job on 1,000 rows", job(few)), Way("the job", job(path))]


def _beyond_the_fixed_part(found: Sequence[Row]) -> str:
    """Of each size what the rows cost: in scans of the same file, and each."""
    lines = [""]
    for rows, of_size in groupby(found, lambda one: one.rows):
        scan, few, many = of_size
        seconds = many.cpu_seconds - few.cpu_seconds
        lines.append(
            f"{rows:,} rows cost {seconds / scan.cpu_seconds:.1f} R beyond what a thousand cost, "
            f"{1e6 * seconds / rows:.2f} CPU microseconds each.\n"
        )
    return "\n".join(lines)


def _orchestration(asked: Asked) -> list[Way]:
    path = _clean(asked)
    return [
        Way("the job without a server", job(path)),
        Way("an empty Prefect flow of four tasks", python("-c", _EMPTY_FLOW)),
        Way("the job with a temporary server", job(path, with_server=True)),
    ]


def job(path: Path, *, with_server: bool = False) -> list[str]:
    """The main job, into a results folder of its own each time, so that nothing is cached."""
    command = python("-m", "flows.main", "--input", path, "--results-dir", FRESH)
    return command if with_server else [*command, "--no-server"]


_ALL_SIZES = (100_000, 1_000_000, 10_000_000)

COMPARISONS = {
    "article": Comparison("The article's work: CSV to result tables, no gate", _article, _ALL_SIZES),
    "read": Comparison("Landing a CSV file, beside a scan, casts and a sink", _read),
    "gate": Comparison("The gate: eleven expectations on Parquet, 1 % bad rows", _gate),
    "analysis": Comparison("Every result table from landed Parquet, by engine", _analysis),
    "report": Comparison("The report stage", _report, (1000, 1_000_000), _more_than_before),
    "whole": Comparison("CSV to report, gate, dead letters and all", _whole, remark=_beyond_the_fixed_part),
    "peers": Comparison("What a user would pick instead: CSV to a page", _peers),
    "orchestration": Comparison("What the orchestration costs", _orchestration, (1000,)),
    "growth": Comparison(
        "The job at growing sizes", _whole, (1_000_000, 10_000_000, 50_000_000), _beyond_the_fixed_part
    ),
}
