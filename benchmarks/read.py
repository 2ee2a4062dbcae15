"""What it costs to land a CSV file with every check, beside Polars' own scan, cast and sink.

    python -m benchmarks.read --rows 1000000
    python -m benchmarks.read --rows 10000000 --repeats 3 --variants clean quoted
    python -m benchmarks.read --rows 10000000 --repeats 1 --variants broken

Every way runs in a fresh process, in turn, as often as `--repeats` says. CPU seconds are user and system of all
threads, counted inside the process once its modules are loaded: imports are left out for all. Peak memory is that of
the whole process, imports and all. A ratio is the median of the ratios of single rounds, since the machine's pace
changes from one round to the next.

Ways: `sluice` lands the file as the pipeline does (`ingest_file`; the sha256 of the file, which the pipeline takes
before, is not counted), in a process set up as that of a run. `polars` scans it as text, casts to the same types and
sinks the same eight columns with zstd of level 1 (its own choice would be 3), `__line` as a row index and `__span` as
a constant; `polars6` leaves these two out, `polars_default` takes its own choice, `polars_snappy` compresses as ours
does. pandas and DuckDB write the six columns too, pandas with floats for decimals, DuckDB with its own level of zstd.

Variants: clean, quoted (every cell), crlf; dirt (1 % of the lines broken in ten ways, parse and cast), broken (all);
ndjson, where Polars reads values as they are in JSON.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.read_ways import Cost, measure

# This process imports nothing big: a child's peak memory is never below what its parent had when it started it.

_BROKEN_KINDS = (
    *("short_line", "long_line", "unclosed_quote", "text_after_quote", "nul_byte", "invalid_encoding"),
    *("bad_integer", "bad_number", "too_precise", "bad_date"),
)
_BROKEN_SHARE = {"dirt": 0.01, "broken": 1.0}
_WAYS = {
    "clean": ("sluice", "polars", "polars_default", "polars_snappy", "polars6", "pandas", "duckdb"),
    "crlf": ("sluice", "polars", "polars6"),
    "quoted": ("sluice", "polars", "polars6"),
    "ndjson": ("sluice", "polars"),
    "dirt": ("sluice",),  # Polars raises at a line with a field too many
    "broken": ("sluice",),
}


class Job(NamedTuple):
    """One way on one file."""

    variant: str
    way: str


class Result(NamedTuple):
    """What a job cost in all rounds."""

    variant: str
    way: str
    cpu_seconds: list[float]
    peak_megabytes: float
    times: dict[str, float]  # how often the cost of something else, by its name
    counts: dict[str, int]


def main() -> None:
    """Make the files, run every way in turn, print a table or JSON."""
    options = _parser().parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], Path(options.measure[1]))))
        return
    with tempfile.TemporaryDirectory(prefix="sluice_read_") as scratch:
        folder = options.folder or Path(scratch)
        files = {variant: make_file(folder, variant, options.rows) for variant in options.variants}
        jobs = [Job(variant, way) for variant in options.variants for way in _WAYS[variant]]
        jobs = [job for job in jobs if options.ways is None or job.way in options.ways]
        rounds = [{job: _run(job.way, files[job.variant]) for job in jobs} for _ in range(options.repeats)]
    results = [_result(job, rounds) for job in jobs]
    if options.json:
        print(json.dumps({"machine": machine(), "results": [result._asdict() for result in results]}, indent=2))
    else:
        print(f"{options.rows:,} rows; " + ", ".join(f"{name} {value}" for name, value in machine().items()))
        print(f"{'variant':9}{'way':9}{'CPU s':>7}{'least':>7}{'most':>7}{'peak MB':>9}")
        print("\n".join(map(_line, results)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--variants", nargs="+", choices=_WAYS, default=list(_WAYS), help="of the file")
    parser.add_argument("--ways", nargs="+", metavar="WAY", help="only these, for example sluice polars")
    parser.add_argument("--folder", type=Path, help="where the files are kept between runs")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "FILE"), help=argparse.SUPPRESS)
    return parser


def make_file(folder: Path, variant: str, rows: int) -> Path:
    """A file of events, if it is not there already."""
    path = folder / f"{variant}_{rows}.{'ndjson' if variant == 'ndjson' else 'csv'}"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    if variant == "crlf":
        _with_crlf(make_file(folder, "clean", rows), path)
        return path
    command = [sys.executable, "-m", "benchmarks.generate", "--rows", str(rows), "--out", str(path)]
    if variant == "quoted":
        command.append("--quote-all")
    if variant in _BROKEN_SHARE:
        share = _BROKEN_SHARE[variant] / len(_BROKEN_KINDS)
        command += ["--dirt", *(f"{kind}={share:g}" for kind in _BROKEN_KINDS)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def _with_crlf(plain: Path, path: Path) -> None:
    with plain.open("rb") as source, path.open("wb") as target:
        while piece := source.read(1 << 20):
            target.write(piece.replace(b"\n", b"\r\n"))


def _run(way: str, path: Path) -> Cost:
    command = [sys.executable, "-m", "benchmarks.read", "--measure", way, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    cost: Cost = json.loads(done.stdout.splitlines()[-1])
    return cost


def machine() -> dict[str, str]:
    """What the figures are of."""
    versions = {name: importlib.metadata.version(name) for name in ("polars", "numpy", "pandas", "duckdb")}
    load = f"{os.getloadavg()[1]:.1f} in the last five minutes"
    return {"cpus": str(os.cpu_count()), "python": platform.python_version(), **versions, "load": load}


def _result(job: Job, rounds: list[dict[Job, Cost]]) -> Result:
    costs = [one[job] for one in rounds]
    beside = {way: Job(job.variant, way) for way in _WAYS[job.variant] if way != "sluice"}
    beside |= {"sluice clean": Job("clean", "sluice")} if job.variant != "clean" else {}
    times = {
        name: median(one[job]["cpu_seconds"] / one[other]["cpu_seconds"] for one in rounds)
        for name, other in beside.items()
        if job.way == "sluice" and other in rounds[0]
    }
    return Result(
        *job,
        cpu_seconds=[cost["cpu_seconds"] for cost in costs],
        peak_megabytes=max(cost["peak_megabytes"] for cost in costs),
        times=times,
        counts={name: int(costs[0][name]) for name in ("read", "landed", "letters") if name in costs[0]},
    )


def _line(result: Result) -> str:
    seconds = result.cpu_seconds
    figures = f"{median(seconds):7.2f}{min(seconds):7.2f}{max(seconds):7.2f}{result.peak_megabytes:9.0f}"
    said = [f"{ratio:.2f} x {name}" for name, ratio in result.times.items()]
    said += [f"{name} {count:,}" for name, count in result.counts.items()]
    return f"{result.variant:9}{result.way:9}{figures}  {', '.join(said)}"


if __name__ == "__main__":
    main()
