"""Odd text files with known tables in them, and how many the reader reads cell for cell, finding out everything itself.

    python -m benchmarks.odd_tables [--seeds 20] [--first 0] [--kind NAME] [--show]

Each file is made from its kind and its seed alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

from benchmarks.odd_exports import EXPORTS
from benchmarks.odd_kinds import KINDS, Case
from benchmarks.odd_rows import Row
from tasks.ingest.csv_source import Hints, until_understood
from tasks.ingest.faults import FileError
from tasks.ingest.options import ReadOptions
from tasks.ingest.text_table import TextTable
from tasks.sources import SourceError, fingerprint

_ALL = KINDS | EXPORTS


def read(path: Path) -> tuple[Row, list[Row]] | str:
    """The table that the reader finds in a file; or why it finds none."""
    (source,) = fingerprint(str(path))

    def convert(hints: Hints) -> tuple[Row, list[Row]]:
        found = TextTable(source, ReadOptions(), hints)
        blocks = list(found.blocks())
        return found.header, [
            [cell or "" for cell in row] for block in blocks for row in block.rows.select(found.columns).rows()
        ]

    try:
        return until_understood(convert)
    except (FileError, SourceError) as error:
        return error.code


def is_read(case: Case, path: Path) -> bool:
    """Whether the reader finds the table, cell for cell; blanks around cells may be taken for padding or not."""
    path.write_bytes(case.text.encode(case.encoding, "replace"))
    found = read(path)
    if isinstance(found, str):
        return not case.rows
    return [_bare(found[0]), *map(_bare, found[1])] == [_bare(case.header), *map(_bare, case.rows)]


def _bare(row: Row) -> Row:
    return [cell.strip() for cell in row]


def main() -> int:
    """Try the seeds of each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind", choices=_ALL)
    parser.add_argument("--show", action="store_true", help="print the files that were not read")
    asked = parser.parse_args()
    kinds = [asked.kind] if asked.kind else list(_ALL)
    right = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            wrong = []
            for seed in range(asked.first, asked.first + asked.seeds):
                case, path = _ALL[kind](Random(f"{kind}.{seed}")), Path(folder) / f"{kind}.csv"
                if not is_read(case, path):
                    wrong.append(seed)
                    if asked.show:
                        sys.stdout.write(
                            f"--- {kind} {seed}\n{case.text[:600]}\n... read as\n{str(read(path))[:600]}\n"
                        )
            right += asked.seeds - len(wrong)
            sys.stdout.write(
                f"{kind:24} {asked.seeds - len(wrong):4} of {asked.seeds}  {wrong[:12] if wrong else ''}\n"
            )
    sys.stdout.write(f"{right} of {len(kinds) * asked.seeds} read cell for cell\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
