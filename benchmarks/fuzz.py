"""Arbitrary bytes through the whole reader: rows and dead letters must add up, and no line may be lost.

    python -m benchmarks.fuzz --inputs 100000 [--seed 1] [--first 0]

Each input is made from the seed and its number alone, so `--first N --inputs 1` repeats one.
"""

from __future__ import annotations

import argparse
import faulthandler
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

import polars as pl

from benchmarks.fuzz_inputs import fuzz_input
from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.land import ingest_file
from tasks.models import LandedFile
from tasks.sources import MIXED, fingerprint, open_source

CONTRACT = Contract.model_validate(
    {
        "dataset": "fuzz",
        "columns": {
            "id": {"type": "integer"},
            "at": {"type": "datetime", "formats": ["%Y-%m-%d %H:%M:%S"]},
            "price": {"type": "decimal"},
            "note": {"type": "string"},
        },
        "drift": {"extra": "freeze", "missing": "evolve"},
        "limits": {"file_rejected_share": 1.0},
    }
)
_VERBATIM = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "latin-1", "cp1252")
_HANG_SECONDS = 60
_SWEEP_EVERY = 500


def check_ingest(data: bytes, name: str, folder: Path) -> str:
    """Ingest one file and hold the outcome against the laws of the reader.

    Args:
        data: what is in the file.
        name: of the file; its ending counts where the content leaves the format open.
        folder: to work in.

    Returns:
        What became of it: the format and `landed`, or the code of the file-level dead letter.

    Raises:
        AssertionError: a law is broken.
    """
    path = folder / name
    path.write_bytes(data)
    store = ArtifactStore(folder / "store")
    outcomes = [_check(ingest_file(source, CONTRACT, store), store) for source in fingerprint(str(path))]
    return " + ".join(outcomes) or "nothing"


def _check(file: LandedFile, store: ArtifactStore) -> str:
    rows, dead = file.rows, pl.DataFrame()
    assert rows.read == rows.landed + rows.dead + rows.blank, "the balance does not close"
    if file.dead_letters is not None:
        dead = pl.read_parquet(store.path(file.dead_letters))
        assert dead["records"].sum() == rows.dead, "the dead letters do not add up"
        assert dead["reasons"].list.len().min(), "a dead letter without a reason"
    if file.landed is None:
        assert dead.height == 1, "a file that is not landed is one dead letter"
        return f"{file.file_format} {dead['reasons'][0][0]['code']}"
    landed = pl.read_parquet(store.path(file.landed))
    assert landed.height == rows.landed, "the landed rows do not add up"
    if dead.height == 0:
        dead = pl.DataFrame(schema={"line": pl.Int64, "last_line": pl.Int64, "byte_offset": pl.Int64, "raw": pl.Binary})
    _check_lines(file, landed, dead)
    _check_raw(file, dead)
    return f"{file.file_format} landed"


def _check_lines(file: LandedFile, landed: pl.DataFrame, dead: pl.DataFrame) -> None:
    """Every line is in one row or one dead letter, or it is blank."""
    places = pl.concat(
        [
            landed.select(pl.col(LINE), (pl.col(LINE) + pl.col(SPAN).cast(pl.Int64)).alias("after")),
            dead.select(pl.col("line").alias(LINE), (pl.col("last_line") + 1).alias("after")),
        ]
    ).sort(LINE)
    gaps = places[LINE] - places["after"].shift(1)
    assert not (gaps < 0).any(), "a line is in two records"
    if file.file_format != "csv":
        missed = int(gaps.sum() or 0)
        assert missed <= file.rows.blank, "a line is lost"
        return
    blanks_between = int(gaps.sum() or 0)
    assert blanks_between <= file.rows.blank or file.dialect is None or file.findings, "a line is lost"


def _check_raw(file: LandedFile, dead: pl.DataFrame) -> None:
    """A dead letter's bytes stand in the file, where it says they do."""
    with open_source(file.source) as stream:
        content = stream.read()
    for at, raw in dead.select("byte_offset", "raw").iter_rows():
        if at is not None and file.encoding in _VERBATIM and not _has_mixed_ends(file):
            assert content[at : at + len(raw)] == raw, "a dead letter is not what stands in the file"


def _has_mixed_ends(file: LandedFile) -> bool:
    """Whether a line end within a record is given as another one than it is (docs/decisions/0016)."""
    return file.dialect is not None and file.dialect.line_end == MIXED


def run(numbers: range, seed: int, folder: Path) -> tuple[Counter[str], dict[str, list[int]]]:
    """Check many inputs.

    Returns:
        How many came to each outcome; and the numbers of the inputs that failed, by how they did.
    """
    outcomes: Counter[str] = Counter()
    failures: dict[str, list[int]] = {}
    for number in numbers:
        name, data = fuzz_input(Random(f"{seed}.{number}"))
        faulthandler.dump_traceback_later(_HANG_SECONDS, exit=True)
        try:
            outcomes[check_ingest(data, name, folder)] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failures.setdefault(_how(error), []).append(number)
        finally:
            faulthandler.cancel_dump_traceback_later()
        if number % _SWEEP_EVERY == 0:
            shutil.rmtree(folder / "store", ignore_errors=True)
            sys.stderr.write(f"{number - numbers.start + 1} inputs, {sum(map(len, failures.values()))} failed\n")
    return outcomes, failures


def _how(error: BaseException) -> str:
    """An error, and the two innermost places of our own that it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-2:]]
    return f"{type(error).__name__}: {str(error)[:80]} ({' > '.join(places)})"


def main() -> int:
    """Run from the command line; 1 if an input fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    started = time.process_time()
    with tempfile.TemporaryDirectory(prefix="sluice-fuzz-") as folder:
        numbers = range(asked.first, asked.first + asked.inputs)
        outcomes, failures = run(numbers, asked.seed, Path(folder))
    for outcome, count in outcomes.most_common():
        sys.stdout.write(f"{count:8} {outcome}\n")
    for how, failed in failures.items():
        sys.stdout.write(f"FAILED {len(failed)}: {how}; inputs {failed[:5]}\n")
    failed_count = sum(map(len, failures.values()))
    seconds = time.process_time() - started
    sys.stdout.write(f"{asked.inputs} inputs in {seconds:.0f} CPU seconds, {failed_count} failed\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
