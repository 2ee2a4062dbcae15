"""The main job as a whole: `python -m benchmarks.whole --rows 10000000`.

Fresh processes in turn: the yardstick R (one Polars scan of the CSV, all columns as text), then the main job without a
Prefect engine on the same file and on a thousand rows, so that the fixed part is told apart. CPU seconds are user and
system together, of the process and its children; peak memory is that of the largest process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

_PROJECT = Path(__file__).resolve().parents[1]
_SCAN = """
import sys, polars as pl
pl.scan_csv(sys.argv[1], infer_schema=False).select(pl.all().count()).collect(engine="streaming")
"""


class Cost(NamedTuple):
    """What one process cost."""

    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole", description="The main job as a whole.")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--dirt", default=None, metavar="KIND=SHARE", help="such as all=0.001")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sluice_whole_") as folder:
        print(json.dumps(measure(Path(folder), options.rows, options.dirt), indent=2))


def measure(folder: Path, rows: int, dirt: str | None) -> dict[str, object]:
    """Make the files, run everything in turn."""
    large, small = folder / "large.csv", folder / "small.csv"
    extra = ["--dirt", dirt] if dirt else []
    run([sys.executable, "-m", "benchmarks.generate", "--rows", str(rows), "--out", str(large), *extra])
    run([sys.executable, "-m", "benchmarks.generate", "--rows", "1000", "--out", str(small)])
    yardstick = run([sys.executable, "-c", _SCAN, str(large)])
    fixed = run_job(small, folder / "small")
    whole = run_job(large, folder / "large")
    summary = json.loads(next((folder / "large").glob("*/summary.json")).read_text(encoding="utf-8"))
    moving = whole.cpu_seconds - fixed.cpu_seconds
    return {
        "rows": summary["rows"],
        "megabytes": round(large.stat().st_size / 1e6),
        "yardstick": rounded(yardstick),
        "thousand_rows": rounded(fixed),
        "whole": rounded(whole),
        "whole_less_fixed_in_R": round(moving / yardstick.cpu_seconds, 1),
        "stage_seconds": summary["stage_seconds"],
    }


def run_job(source: Path, results: Path) -> Cost:
    """The main job on one file, without a Prefect engine."""
    command = [sys.executable, "-m", "flows.main", "--no-server", "--input", str(source), "--results-dir", str(results)]
    return run(command)


def run(command: list[str]) -> Cost:
    """Run a command to its end and take its resource usage from the kernel.

    Raises:
        RuntimeError: it ended with an error.
    """
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=_PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"exit code {process.returncode}: {' '.join(command)}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024)


def rounded(cost: Cost) -> dict[str, float]:
    """For reading."""
    return {name: round(value, 1) for name, value in cost._asdict().items()}


if __name__ == "__main__":
    main()
