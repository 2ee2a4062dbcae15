"""The delimiters that `CSVsniffer` annotates, and how many the reader finds: `python -m benchmarks.dialects CHECKOUT`.

Needs a checkout of ws-garcia/CSVsniffer, with files of the CSV-Wrangling, W3C-CSVW and Pollock corpora and of its own.
Blanks beside a delimiter count as part of it or not, as the file is read the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tasks.ingest.aligned import ALIGNED
from tasks.ingest.csv_source import Hints, read_head
from tasks.ingest.dialect import detect_dialect
from tasks.ingest.options import ReadOptions
from tasks.sources import fingerprint

_TRUTHS = {"W3C-CSVW-dialect": "W3C-CSVW", "CCSV-manual_Dialect": "CSV_Wrangling", "POLLOCK-dialect": "CSV"}
_SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "vslash": "|", "space": " ", "colon": ":", "nsign": "#"}


def annotated(checkout: Path, kind: str, folder: str) -> Iterator[tuple[Path, str]]:
    """The files of a corpus that are there, and their delimiters."""
    (truth,) = (checkout / "python" / "ground truth").glob(f"{kind}*tation*.txt")
    for line in truth.read_text(encoding="utf-8").splitlines():
        name, _, sign, *_ = [*line.split("|"), "", "", ""]
        path = checkout / "python" / folder / name
        if not line.startswith("#") and path.is_file() and path.stat().st_size:
            yield path, _SIGNS.get(sign, sign)


def found(path: Path) -> str:
    """The delimiter that the reader finds; blanks are one, where they line columns up."""
    (source,) = fingerprint(str(path))
    delimiter = detect_dialect(read_head(source, ReadOptions(), Hints()).text).delimiter
    return " " if delimiter == ALIGNED else delimiter.strip(" ") or " "


def main() -> int:
    """Compare file by file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    for kind, folder in _TRUTHS.items():
        pairs = dict(annotated(parser.parse_args().checkout, kind, folder))
        wrong = {path.name: found(path) for path, sign in pairs.items() if found(path) != sign}
        for name, sign in wrong.items():
            sys.stdout.write(f"    {name}: {sign!r}\n")
        sys.stdout.write(f"{folder:14} {len(pairs) - len(wrong):4} of {len(pairs)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
