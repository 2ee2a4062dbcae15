"""How a file is understood, from the command line: `python -m flows.inspect FILE`.

Exit codes: 0 it could be read; 1 it cannot be; 2 the call is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from expectations.errors import UsageError
from flows.inspect_text import describe
from tasks.ingest.faults import FileError
from tasks.ingest.options import ReadOptions
from tasks.ingest.text_reading import read_table
from tasks.sources import SourceError, fingerprint

_UNREADABLE, _WRONG_USAGE = 1, 2
_ESCAPES = {r"\t": "\t", "tab": "\t", "space": " ", "none": ""}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read a file and say how."""
    given = command_line().parse_args(arguments)
    try:
        options = _options(given)
        for source in fingerprint(given.file):
            table = read_table(source, options, to=given.to, is_repairing=not given.reject)
            print(describe(source, table, rows=given.rows))
    except UsageError as error:
        print(f"sluice: {error}", file=sys.stderr)
        return _WRONG_USAGE
    except (FileError, SourceError) as error:
        print(f"sluice: {given.file}: {error} ({error.code})", file=sys.stderr)
        return _UNREADABLE
    except OSError as error:
        print(f"sluice: {given.file}: {error.strerror or error}", file=sys.stderr)
        return _UNREADABLE
    return 0


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.inspect",
        description="Show how a text file is understood: encoding, dialect, header, kinds of values, broken lines.",
    )
    parser.add_argument("file", metavar="FILE", help="a path or address; compressed files as well")
    parser.add_argument("--to", type=Path, metavar="OUT", help="write the table as read, to a .csv or .parquet file")
    parser.add_argument("--delimiter", metavar="TEXT", help="one or more characters; `tab` and `space` by name")
    parser.add_argument("--quote", metavar="CHAR", help="`none` where quotes mean nothing")
    parser.add_argument("--escape", metavar="CHAR", help="`none` where there is none")
    parser.add_argument("--encoding", metavar="NAME", help="such as cp1252 or utf-16")
    parser.add_argument("--header-rows", type=_count, metavar="N", help="0 where there is no header")
    parser.add_argument("--skip-rows", type=_count, metavar="N", help="lines before the header")
    parser.add_argument("--rows", type=_count, default=5, metavar="N", help="how many rows to show; default 5")
    parser.add_argument("--reject", action="store_true", help="leave broken lines out instead of repairing them")
    return parser


def _options(given: argparse.Namespace) -> ReadOptions:
    signs = {name: _sign(getattr(given, name)) for name in ("delimiter", "quote", "escape")}
    if signs["delimiter"] == "":
        raise UsageError("--delimiter: must not be empty")
    return ReadOptions(encoding=given.encoding, header_rows=given.header_rows, skip_rows=given.skip_rows, **signs)


def _sign(text: str | None) -> str | None:
    return None if text is None else _ESCAPES.get(text, text)


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
