"""Dead letters from the command line: `python -m flows.dead_letters COMMAND`.

Exit codes: 0 done; 2 the call or the config is wrong, or there is no such letter; 3 the database is away.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from flows import letter_commands as commands
from flows.finish import WENT_THROUGH
from flows.letter_exit import ended
from flows.letter_options import add_filters, at_least, existing_folder
from flows.letter_output import FORMATS
from tasks.settings import load_settings

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    options = command_line().parse_args(arguments)
    return ended(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    command: commands.Command = options.command
    try:
        return command(options, load_settings(options.config, {"results_dir": options.results_dir}))
    except BrokenPipeError:  # whoever reads has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WENT_THROUGH


def command_line() -> argparse.ArgumentParser:
    """The commands, their options, and what they mean."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.dead_letters", description="Look at rejected lines and rows, and decide about them."
    )
    _add_place(parser, default=None)
    commands_of = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_looking(commands_of)
    _add_deciding(commands_of)
    _add_keeping(commands_of)
    return parser


def _add_looking(commands_of: _Commands) -> None:
    listed = _add(commands_of, "list", commands.list_letters, "one line a letter")
    add_filters(listed)
    _format(listed)
    listed.add_argument("--limit", type=at_least(1), default=50, metavar="N", help="default 50")

    shown = _add(commands_of, "show", commands.show, "one letter, the lines around it, every reason in words")
    shown.add_argument("id", metavar="ID", help="an id or its beginning")
    _reveal(shown)
    _format(shown, "text", "json")

    explained = _add(commands_of, "explain", commands.explain, "likely causes, and a repair where there is one")
    add_filters(explained)
    explained.add_argument(
        "--sample", type=at_least(1), default=20_000, metavar="N", help="letters looked at; default 20000"
    )
    _format(explained, "text", "json")

    exported = _add(commands_of, "export", commands.export, "whole letters into a file")
    add_filters(exported)
    exported.add_argument("--to", type=Path, required=True, metavar="FILE", help="a name ending in .csv or .ndjson")
    _reveal(exported)


def _add_deciding(commands_of: _Commands) -> None:
    for name, command, what in (
        ("discard", commands.discard, "close letters for good"),
        ("reopen", commands.reopen, "take a discard back"),
    ):
        changed = _add(commands_of, name, command, what)
        add_filters(changed, with_status=False)
        changed.add_argument("--because", required=True, metavar="TEXT", help="kept with the letters")
        changed.add_argument("--all", action="store_true", help="really all of them, where no filter is given")


def _add_keeping(commands_of: _Commands) -> None:
    counted = _add(commands_of, "stats", commands.stats, "how many are open, since when, and why")
    add_filters(counted, with_status=False)
    _format(counted, "text", "json")
    changes = _add(commands_of, "changes", commands.changes, "who discarded, reopened, revealed or replayed what")
    changes.add_argument("--limit", type=at_least(1), default=50, metavar="N", help="default 50")
    _format(changes)
    purged = _add(
        commands_of, "purge", commands.purge, "delete replayed and discarded letters no run has seen for long"
    )
    purged.add_argument(
        "--days", type=at_least(1), metavar="N", help="default: dead_letters.retention_days of the config"
    )
    _add(commands_of, "key", commands.key, "print a fresh key for `raw: encrypted`")


def _add(commands_of: _Commands, name: str, command: commands.Command, what: str) -> argparse.ArgumentParser:
    added = commands_of.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    added.set_defaults(command=command)
    _add_place(added, default=argparse.SUPPRESS)  # they may stand before the command and behind it
    return added


def _add_place(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=default, help="settings; default config/pipeline.yaml"
    )
    parser.add_argument(
        "--results-dir",
        type=existing_folder,
        metavar="DIR",
        default=default,
        help="where runs leave what they make",
    )


def _format(parser: argparse.ArgumentParser, *forms: str) -> None:
    choices = forms or FORMATS
    parser.add_argument("--format", choices=choices, default=choices[0])


def _reveal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reveal", action="store_true", help="show personal columns too; it is recorded who did")


if __name__ == "__main__":
    sys.exit(main())
