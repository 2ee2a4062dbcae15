"""Session events of any size, with any share of every kind of dirt, and the ground truth of what was planted.

    python -m benchmarks.generate --rows 1000000 --out /tmp/events.csv --dirt all=0.001
    python -m benchmarks.generate --sample data/raw
    python -m benchmarks.generate --kinds

The same arguments give the same bytes. Beside a file with dirt lies `<file>.dirt.json`: for every kind how many, on
which physical lines (records for a JSON array or Parquet), and how each of them must end.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.dirt.kind import Kind
from benchmarks.dirt.kinds import KINDS
from benchmarks.events import EventPlan
from benchmarks.formats import style_of
from benchmarks.sample import write_sample
from benchmarks.writing import generate, write_ground_truth


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code: 0, or 2 for wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.kinds:
            print("\n".join(f"{kind.name:18} {_ending(kind):32} {kind.means}" for kind in KINDS))
        elif options.sample is not None:
            print(f"{options.sample}: the sample; its ground truth is {write_sample(options.sample)}")
        elif options.out is not None:
            _generate_as_asked(options)
        else:
            parser.error("say where to: --out PATH or --sample FOLDER (or --kinds, to see what dirt there is)")
    except ValueError as error:
        parser.error(str(error))
    return 0


def _generate_as_asked(options: argparse.Namespace) -> None:
    style = style_of(options.out, options.format)
    style = replace(style, delimiter=options.delimiter, quotes_all=options.quote_all, encoding=options.encoding)
    plan = EventPlan(options.rows, options.seed)
    truth = generate(options.out, plan, style, _shares(options.dirt))
    print(f"{options.out}: {truth.read:,} records, {options.out.stat().st_size:,} bytes")
    if truth.marks:
        print(f"{write_ground_truth(options.out, truth)}: {sum(m.planted for m in truth.marks.values()):,} plantings")


def _shares(pairs: Sequence[str]) -> dict[str, float]:
    try:
        return {name: float(share) for name, share in (pair.split("=") for pair in pairs)}
    except ValueError:
        raise ValueError(f"--dirt wants KIND=SHARE, for example bad_date=0.001, not {' '.join(pairs)}") from None


def _ending(kind: Kind) -> str:
    return kind.ending if kind.stage is None else f"{kind.ending}: {kind.stage}, {kind.code}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", type=_positive, default=100_000, help="records to write (default 100000)")
    parser.add_argument("--out", type=Path, metavar="PATH", help="the file; its ending says the format")
    parser.add_argument(
        "--format", help="csv, json, ndjson or parquet, each also .gz, where the ending does not say it"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, other rows (default 0)")
    parser.add_argument(
        "--dirt",
        nargs="+",
        default=[],
        metavar="KIND=SHARE",
        help="share of rows for a kind; all=0.001 for each kind of dirt, damage=0.001 for each of damage",
    )
    parser.add_argument("--kinds", action="store_true", help="list the kinds of dirt and how each must end")
    parser.add_argument("--sample", type=Path, metavar="FOLDER", help="write the sample that ships in data/raw")
    parser.add_argument("--delimiter", default=",", help="of a CSV file (default a comma)")
    parser.add_argument("--quote-all", action="store_true", help="quote every field of a CSV file")
    parser.add_argument("--encoding", default="utf-8", help="of a text file (default utf-8; utf-8-sig writes a BOM)")
    return parser


def _positive(text: str) -> int:
    rows = int(text)
    if rows < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return rows


if __name__ == "__main__":
    sys.exit(main())
