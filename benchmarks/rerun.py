"""What reading costs once more, with one new file among many: `python -m benchmarks.rerun --files 100 --rows 20000`.

CPU seconds of fingerprints and landing, as `flows.main --no-server` does them, counted in a fresh process once its
modules are loaded: of so many files, of the same files and one more, and of just these.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.fresh import generate, python, run

_FIRST_DAY = date(2026, 5, 1)


def main() -> None:
    """Make the files, read them three times, print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rerun", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--rows", type=int, default=20_000, help="of each file")
    parser.add_argument("--measure", nargs=2, metavar=("INPUT", "RESULTS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps({"cpu_seconds": measure(*options.measure)}))
        return
    with tempfile.TemporaryDirectory(prefix="sluice_rerun_") as scratch:
        files, results = Path(scratch) / "files", Path(scratch) / "results"
        command = python("-m", "benchmarks.rerun", "--measure", files, results)
        for number in range(options.files):
            _write(files, number, options.rows)
        first = run(command, tells=True).cpu_seconds
        _write(files, options.files, options.rows)
        second, third = (run(command, tells=True).cpu_seconds for _ in range(2))
    print(f"{options.files} files of {options.rows:,} rows: {first:.2f} CPU-s")
    print(f"the same and a new one: {second:.3f} CPU-s, 1/{first / second:.0f}")
    print(f"the same again: {third:.3f} CPU-s, 1/{first / third:.0f}")


def _write(folder: Path, number: int, rows: int) -> None:
    """A file of a day, as if it had lain there for an hour."""
    path = folder / f"events_{_FIRST_DAY + timedelta(days=number)}.csv"
    generate(path, rows, "--seed", str(number))
    hour_ago = time.time() - 3600
    os.utime(path, (hour_ago, hour_ago))


def measure(files: str, results: str) -> float:
    """CPU seconds of one reading of a folder, imports left out."""
    from flows.pipeline import sources_of  # noqa: PLC0415  (not to be measured)
    from flows.plain_stages import PlainStages  # noqa: PLC0415
    from flows.progress import Progress  # noqa: PLC0415
    from flows.run import open_run  # noqa: PLC0415

    opened = open_run(None, {"input": [files], "results_dir": results})
    before = time.process_time()
    PlainStages(opened, Progress()).ingest(sources_of(opened))
    return time.process_time() - before


if __name__ == "__main__":
    main()
