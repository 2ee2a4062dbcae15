"""What a short run costs beside the imports nobody can spare it: `python -m benchmarks.start [--times 5]`.

CPU seconds, user and system, of `flows.main --no-server` on the sample and of importing Great Expectations, Polars and
Matplotlib, in turns. They are counted and not timed, so a busy machine matters little; the extras must not be installed
(Great Expectations imports PySpark where it is there).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory

_IMPORTS = [sys.executable, "-c", "import great_expectations, polars, matplotlib"]
_RUN = [sys.executable, "-m", "flows.main", "--no-server", "--results-dir"]


def main() -> None:
    """Measure, and print medians and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    imports, runs = [], []
    for _ in range(options.times):
        imports.append(cpu_seconds(_IMPORTS))
        with TemporaryDirectory() as results:
            runs.append(cpu_seconds([*_RUN, results]))
    imported, ran = statistics.median(imports), statistics.median(runs)
    print(f"imports {imported:.2f} CPU s, run {ran:.2f} CPU s, ratio {ran / imported:.2f} (medians of {options.times})")


def cpu_seconds(command: list[str]) -> float:
    """User and system seconds of a command that must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
