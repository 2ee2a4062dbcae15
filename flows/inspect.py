"""How files are understood, from the command line: `python -m flows.inspect FILE`.

Exit codes: 0 every file could be read; 1 one of them cannot be; 2 the call is wrong; 3 a server does not answer.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from expectations import pins
from expectations.contract import DATASETS_DIR
from expectations.errors import UsageError
from flows.inspect_text import describe
from tasks.ingest.draft import draft
from tasks.ingest.faults import FileError
from tasks.ingest.options import ReadOptions
from tasks.ingest.reading import FileReading, read_file
from tasks.models import SourceRef
from tasks.sources import SourceError, discover, fingerprint, split_member

_UNREADABLE, _WRONG_USAGE, _NO_ANSWER = 1, 2, 3
_CHECKS: dict[str, Callable[[str], str]] = {
    "delimiter": pins.delimiter_of,
    "quote": pins.mark_of,
    "escape": pins.mark_of,
    "line_end": pins.line_end_of_name,
    "encoding": pins.encoding_of,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read files, and say how."""
    given = command_line().parse_args(arguments)
    try:
        options = _options(given)
        sources = _sources(given.file, {"--to": given.to, "--draft": given.draft})
        return max([_inspect(source, options, given) for source in sources])
    except UsageError as error:
        print(f"sluice: {error}", file=sys.stderr)
        return _WRONG_USAGE
    except ConnectionError as error:
        print(f"sluice: {error}", file=sys.stderr)
        return _NO_ANSWER


def _sources(files: Sequence[str], of_one: Mapping[str, object]) -> list[SourceRef]:
    """The files to read; of an archive all members, or the one that is named.

    Args:
        files: paths, folders, globs, addresses.
        of_one: options that are about one file, and what was given for them.

    Raises:
        UsageError: there is none; or several, and an option is about one.
    """
    found = []
    for given in files:
        archive, member = split_member(given)
        every = [source for uri in discover([archive], ()) for source in fingerprint(uri)]
        found += [source for source in every if member is None or source.uri.endswith(f"!{member}")]
    if not found:
        raise UsageError(f"there is no file in {' '.join(files)}")
    for option, value in of_one.items():
        if value is not None and len(found) > 1:
            raise UsageError(f"{option} is about one file; there are {len(found)}, name one, such as {found[0].uri}")
    return found


def _inspect(source: SourceRef, options: ReadOptions, given: argparse.Namespace) -> int:
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    try:
        reading = read_file(source, options, to=given.to, is_repairing=not given.reject)
    except (FileError, SourceError) as error:
        console.file.flush()
        print(f"sluice: {source.uri}: {error} ({error.code})", file=sys.stderr)
        return _UNREADABLE
    console.print(describe(source, reading, rows=given.rows, width=console.width if console.is_terminal else None))
    if given.draft is not None:
        _write_draft(given, reading)
        console.print(f"drafted    {DATASETS_DIR / given.draft}; look it over, then:")
        console.print(f"           python -m flows.main --dataset {given.draft} --input {shlex.quote(source.uri)}\n")
    return 0


def _write_draft(given: argparse.Namespace, reading: FileReading) -> None:
    """Make a dataset's folder.

    Raises:
        UsageError: there is one already, or it cannot be written, or no contract can be made of the file.
    """
    folder = DATASETS_DIR / given.draft
    said = {name: value for name in ReadOptions._fields if (value := getattr(given, name)) is not None}
    drafted = draft(given.draft, reading, said)
    try:
        folder.mkdir()
        (folder / "contract.yaml").write_text(drafted.contract, encoding="utf-8")
        (folder / "suite.json").write_text(drafted.suite, encoding="utf-8")
    except FileExistsError:
        raise UsageError(f"--draft: {folder} is there already; choose another name, or take it away") from None
    except OSError as error:
        raise UsageError(f"--draft: {folder} cannot be written: {error.strerror}") from None


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.inspect",
        description="Show how files are understood: encoding, dialect, header, types, first rows, broken lines.",
        epilog="A contract pins the same things by the same names: docs/contract.md.",
    )
    parser.add_argument(
        "file",
        nargs="+",
        metavar="FILE",
        help="paths, folders, globs, addresses; a member of an archive is ARCHIVE!NAME",
    )
    parser.add_argument("--to", type=Path, metavar="OUT", help="write the table as read, to a .csv or .parquet file")
    parser.add_argument(
        "--draft", metavar="NAME", help="write a contract and a suite for files like this one: a new dataset"
    )
    _add_pins(parser)
    parser.add_argument("--rows", type=_count, default=5, metavar="N", help="how many rows to show; default 5")
    parser.add_argument("--reject", action="store_true", help="leave broken lines out instead of repairing them")
    return parser


def _add_pins(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--delimiter",
        metavar="TEXT",
        help="one or more characters; `tab` and `space` by name; `aligned` where blanks line columns up",
    )
    parser.add_argument("--quote", metavar="CHAR", help="`none` where quotes mean nothing")
    parser.add_argument("--escape", metavar="CHAR", help="`none` where there is none")
    parser.add_argument("--line-end", metavar="NAME", help="LF, CRLF, CR or mixed")
    parser.add_argument("--encoding", metavar="NAME", help="such as cp1252 or utf-16")
    parser.add_argument("--header-rows", type=_count, metavar="N", help="0 where there is no header")
    parser.add_argument("--skip-rows", type=_count, metavar="N", help="lines before the header")


def _options(given: argparse.Namespace) -> ReadOptions:
    checked = {name: getattr(given, name) for name in ReadOptions._fields}
    for name, check in _CHECKS.items():
        try:
            checked[name] = None if checked[name] is None else check(checked[name])
        except ValueError as error:
            raise UsageError(f"--{name.replace('_', '-')}: {error}") from None
    return ReadOptions(**checked)


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
