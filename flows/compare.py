"""Two runs beside each other, from the command line: `python -m flows.compare RUN RUN`.

Exit codes: 0 compared; 2 the call is wrong, or a run is not known; 3 the database does not answer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from expectations.contract import Contract, load_contract
from expectations.errors import UsageError
from tasks.history.compare import compare_two
from tasks.history.models import RunMeasures
from tasks.history.store import RunHistory
from tasks.report.changes import ChangesView, view_changes
from tasks.report.languages import numbers_for
from tasks.report.render import markdown_text
from tasks.report.words import words_of
from tasks.safe_errors import describe
from tasks.settings import load_settings

_COMPARED, _WRONG_USAGE, _DATABASE_AWAY = 0, 2, 3
_HEAD = ("number", "first", "second", "change")
_SUGGESTED = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what differs between two runs."""
    options = command_line().parse_args(arguments)
    try:
        first, second = _find(options)
        view = _view(first, second, load_contract(second.dataset))
    except UsageError as error:
        print(f"sluice: {error}", file=sys.stderr)
        return _WRONG_USAGE
    except SQLAlchemyError as error:
        print(f"sluice: the history of runs is not to be had: {describe(error)}", file=sys.stderr)
        return _DATABASE_AWAY
    print("\n".join(_markdown(first, second, view) if options.markdown else _text(first, second, view)))
    return _COMPARED


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(prog="python -m flows.compare", description="Compare two runs of a dataset.")
    parser.add_argument("first", metavar="RUN", help="a run's id: the name of its folder; the one to compare with")
    parser.add_argument("second", metavar="RUN", help="the run that is compared")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default config/pipeline.yaml")
    parser.add_argument("--results-dir", metavar="DIR", help="where the runs' folders are")
    parser.add_argument("--markdown", action="store_true", help="Markdown, for a pull request or a mail")
    return parser


def _find(options: argparse.Namespace) -> tuple[RunMeasures, RunMeasures]:
    settings = load_settings(options.config, {"results_dir": options.results_dir})
    history = RunHistory(settings.dead_letters.connection_url())
    try:
        first, second = (_known(history, run_id) for run_id in (options.first, options.second))
    finally:
        history.close()
    if first.dataset != second.dataset:
        raise UsageError(
            f"{first.run_id} is a run of {first.dataset}, {second.run_id} one of {second.dataset}; "
            "only runs of one dataset can be compared"
        )
    return first, second


def _known(history: RunHistory, run_id: str) -> RunMeasures:
    found = history.find(run_id)
    if found is None:
        latest = ", ".join(run.run_id for run in history.all(_SUGGESTED)) or "none yet"
        raise UsageError(f"there is no run {run_id!r} on record (the latest are: {latest})")
    return found


def _view(first: RunMeasures, second: RunMeasures, contract: Contract) -> ChangesView:
    found, numbers = compare_two(first, second), numbers_for(contract.display)
    return view_changes(found, words_of(contract), numbers, before="in the first run")


def _text(first: RunMeasures, second: RunMeasures, view: ChangesView) -> list[str]:
    lines = [_HEAD, *((one.label, one.before, one.now, one.change) for one in view.numbers)]
    name, first_width, second_width, change = (max(len(line[at]) for line in lines) for at in range(len(_HEAD)))
    table = [f"{a:<{name}}  {b:>{first_width}}  {c:>{second_width}}  {d:>{change}}" for a, b, c, d in lines]
    shares = [f"{one.label}: {one.sentence} (stability index {one.psi})" for one in view.shares]
    return [_title(first, second), *view.sentences, "", *table, "", *shares]


def _markdown(first: RunMeasures, second: RunMeasures, view: ChangesView) -> list[str]:
    def row(*cells: str) -> str:
        return f"| {' | '.join(markdown_text(cell) for cell in cells)} |"

    return [
        f"# {markdown_text(_title(first, second))}",
        "",
        *(f"- {markdown_text(sentence)}" for sentence in view.sentences),
        "",
        row(*_HEAD),
        "|---|---:|---:|---:|",
        *(row(one.label, one.before, one.now, one.change) for one in view.numbers),
        "",
        *(f"- {markdown_text(f'{one.label}: {one.sentence} (stability index {one.psi})')}" for one in view.shares),
    ]


def _title(first: RunMeasures, second: RunMeasures) -> str:
    return f"{second.dataset}: {second.run_id} ({second.status}) beside {first.run_id} ({first.status})"


if __name__ == "__main__":
    sys.exit(main())
