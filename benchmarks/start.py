"""What a short run costs beside what nobody can spare it: `python -m benchmarks.start [--times 5] [--server]`.

CPU seconds (user and system, of child processes too) and seconds on the clock, in turns: importing Great Expectations,
Polars and Matplotlib, and `flows.main --no-server` on the sample; with `--server` also a bare Prefect flow of four
empty tasks, and `flows.main` as it stands, each with the temporary server that Prefect starts where none is configured.
CPU is counted and not timed, so a busy machine matters little to it, but much to the clock. The extras must not be
installed (Great Expectations imports PySpark where it is there).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from tempfile import TemporaryDirectory
from typing import NamedTuple

_RESULTS = "<results>"
_EMPTY_FLOW = """
from prefect import flow, task

@task
def empty(before=None):
    return None

@flow
def four_tasks():
    empty(empty(empty(empty())))

four_tasks()
"""
_WAYS = {
    "imports": [sys.executable, "-c", "import great_expectations, polars, matplotlib"],
    "run": [sys.executable, "-m", "flows.main", "--no-server", "--results-dir", _RESULTS],
}
_SERVER_WAYS = {
    "empty flow": [sys.executable, "-c", _EMPTY_FLOW],
    "run with server": [sys.executable, "-m", "flows.main", "--results-dir", _RESULTS],
}


class Cost(NamedTuple):
    """What a command took."""

    cpu_seconds: float
    seconds: float


def main() -> None:
    """Measure, and print medians and what a run costs over its yardstick."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--server", action="store_true", help="with Prefect's temporary server too")
    options = parser.parse_args()
    ways = _WAYS | (_SERVER_WAYS if options.server else {})
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(options.times):
        for name, command in ways.items():
            costs[name].append(cost(command))
    medians = {name: _median(of_way) for name, of_way in costs.items()}
    for name, median in medians.items():
        print(
            f"{name:16}{median.cpu_seconds:6.2f} CPU s{median.seconds:7.2f} s on the clock (medians of {options.times})"
        )
    _compare(medians["run"], medians["imports"])
    if options.server:
        _compare(medians["run with server"], medians["empty flow"])


def cost(command: list[str]) -> Cost:
    """What a command takes that must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with TemporaryDirectory() as results:
        given = [results if part == _RESULTS else part for part in command]
        subprocess.run(given, check=True, capture_output=True)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended - started)


def _median(costs: list[Cost]) -> Cost:
    cpu_seconds, seconds = zip(*costs, strict=True)
    return Cost(statistics.median(cpu_seconds), statistics.median(seconds))


def _compare(run: Cost, yardstick: Cost) -> None:
    ratio, over = run.cpu_seconds / yardstick.cpu_seconds, run.seconds - yardstick.seconds
    print(f"a run takes {ratio:.2f} times the CPU of its yardstick, and {over:.2f} s more on the clock")


if __name__ == "__main__":
    main()
