"""Commands as fresh processes in turn, and what the kernel says each cost; results as Markdown, CSV and a plot.

Imports nothing big: the peak memory of a child is never below what its parent had when it started it.
"""

from __future__ import annotations

import csv
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
RESULTS = PROJECT / "benchmarks" / "results"
_VERSIONS = ("polars", "pandas", "duckdb", "great-expectations", "prefect")


FRESH = "{fresh}"


class Cost(NamedTuple):
    """What one process cost, with its children."""

    cpu_seconds: float  # user and system
    wall_seconds: float
    peak_megabytes: float  # of the largest process


class Way(NamedTuple):
    """One way to do the work. `FRESH` in its command is a new folder each time."""

    name: str
    command: Sequence[str]
    tells: bool = False  # its last line is JSON with `cpu_seconds` that leave its imports out


class Row(NamedTuple):
    """One way's line in the results: medians, and how far the CPU seconds lie apart."""

    way: str
    rows: int
    cpu_seconds: float
    least_cpu_seconds: float
    most_cpu_seconds: float
    times_first: float  # CPU against the first way, median of the rounds' ratios
    wall_seconds: float
    peak_megabytes: float


def run(command: Sequence[str], *, tells: bool = False) -> Cost:
    """Run a command to its end and take its resource usage from the kernel, its CPU seconds from itself if it tells.

    Raises:
        RuntimeError: it ended with an error.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(list(command), cwd=PROJECT, stdout=said, stderr=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall_seconds = time.perf_counter() - started
        if process.returncode:
            raise RuntimeError(f"exit code {process.returncode}: {' '.join(command)}")
        said.seek(0)
        told = json.loads(said.read().splitlines()[-1])["cpu_seconds"] if tells else usage.ru_utime + usage.ru_stime
    return Cost(told, wall_seconds, usage.ru_maxrss / 1024)


def python(*arguments: object) -> list[str]:
    """A command of this Python."""
    return [sys.executable, *map(str, arguments)]


def generate(path: Path, rows: int, *more: str) -> Path:
    """Events as CSV, made once."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        run(python("-m", "benchmarks.generate", "--rows", rows, "--out", path, *more))
    return path


def in_turn(ways: Sequence[Way], rows: int, repeats: int) -> list[Row]:
    """Run all ways one after the other, as often as asked, and sum up; tells a terminal how far it is."""
    rounds = [{way.name: _told(way, at, repeats) for way in ways} for at in range(repeats)]
    return [_row(way.name, ways[0].name, rows, rounds) for way in ways]


def _told(way: Way, at: int, repeats: int) -> Cost:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{at + 1} of {repeats}: {way.name}", end="", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="sluice_fresh_") as fresh:
        cost = run([part.replace(FRESH, fresh) for part in way.command], tells=way.tells)
        cost = cost._replace(peak_megabytes=max([cost.peak_megabytes, *_stage_peaks(Path(fresh))]))
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return cost


def _stage_peaks(results: Path) -> Iterator[float]:
    """Megabytes at the peak of each stage of a run. A run counts them anew with each stage, the kernel's own too."""
    for path in results.glob("*/summary.json"):
        peaks: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["stage_peak_memory_bytes"]
        yield from (peak / 2**20 for peak in peaks.values())


def _row(name: str, first: str, rows: int, rounds: Sequence[dict[str, Cost]]) -> Row:
    costs = [done[name] for done in rounds]
    seconds = [cost.cpu_seconds for cost in costs]
    return Row(
        way=name,
        rows=rows,
        cpu_seconds=round(statistics.median(seconds), 2),
        least_cpu_seconds=round(min(seconds), 2),
        most_cpu_seconds=round(max(seconds), 2),
        times_first=round(statistics.median(done[name].cpu_seconds / done[first].cpu_seconds for done in rounds), 2),
        wall_seconds=round(statistics.median(cost.wall_seconds for cost in costs), 2),
        peak_megabytes=round(max(cost.peak_megabytes for cost in costs)),
    )


def machine() -> dict[str, str]:
    """What the figures are of."""
    versions = {name: importlib.metadata.version(name) for name in _VERSIONS}
    load = f"{os.getloadavg()[1]:.1f} in the last five minutes"
    return {"cpus": str(os.cpu_count()), "python": platform.python_version(), **versions, "load": load}


def markdown(title: str, command: str, rows: Sequence[Row]) -> str:
    """A table, with the command that repeats it and the machine."""
    return "\n".join(_markdown(title, command, rows)) + "\n"


def _markdown(title: str, command: str, rows: Sequence[Row]) -> Iterator[str]:
    yield f"# {title}\n"
    yield f"`{command}` on {', '.join(f'{name} {value}' for name, value in machine().items())}.\n"
    yield "| way | rows | CPU-s | least to most | times the first | wall s | peak MB |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for one in rows:
        spread = f"{one.least_cpu_seconds:.2f} to {one.most_cpu_seconds:.2f}"
        figures = f"{one.cpu_seconds:.2f} | {spread} | {one.times_first:.2f} | {one.wall_seconds:.2f}"
        yield f"| {one.way} | {one.rows:,} | {figures} | {one.peak_megabytes:,.0f} |"


def write_results(name: str, title: str, text: str, rows: Sequence[Row]) -> None:
    """`benchmarks/results/<name>.csv`, `.md` and `.svg`."""
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(Row._fields)
        table.writerows(rows)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    _plot(RESULTS / f"{name}.svg", title, rows)


def _plot(path: Path, title: str, rows: Sequence[Row]) -> None:
    import matplotlib as mpl  # noqa: PLC0415  (when everything is measured)
    from matplotlib.figure import Figure  # noqa: PLC0415

    labels = [f"{one.way}, {one.rows:,} rows" for one in rows][::-1]
    with mpl.rc_context({"svg.hashsalt": "sluice", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8, 0.8 + 0.35 * len(rows)), layout="constrained")
        for place, (field, unit) in enumerate((("cpu_seconds", "CPU seconds"), ("peak_megabytes", "peak MB"))):
            axes = figure.add_subplot(1, 2, place + 1)
            bars = axes.barh(labels, [getattr(one, field) for one in rows][::-1], color="#0072B2")
            axes.bar_label(bars, fmt="{:,.4g}", padding=3)
            axes.set(xlabel=unit, xmargin=0.2)
            axes.spines[["top", "right"]].set_visible(False)
            if place:
                axes.set_yticklabels([])
        figure.suptitle(title)
        figure.savefig(path, metadata={"Date": None})
