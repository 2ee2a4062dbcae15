"""How the command line ends: a short summary, and an exit code."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from flows.run import Run
from tasks.models import RunSummary

_log = logging.getLogger(__name__)

# How the command line ends.
WENT_THROUGH, STOPPED_OR_FAILED, WRONG_USAGE, DATABASE_AWAY = 0, 1, 2, 3


def say(text: str) -> None:
    """Tell a person, out of the way of the JSON lines that standard output holds where it is no terminal."""
    print(text, file=sys.stdout if sys.stdout.isatty() else sys.stderr, flush=True)


def say_ended(summary: RunSummary, run: Run, why_letters_wait: str | None) -> None:
    """The end of a run, for people and as the last of its lines."""
    _log.info("ended: %s", run.folder / summary.report, extra={"status": summary.status, "rows": summary.rows.read})
    say(short_summary(summary, run, why_letters_wait))


def short_summary(summary: RunSummary, run: Run, why_letters_wait: str | None) -> str:
    """The run in a few lines."""
    rows = summary.rows
    lines = [
        f"{summary.dataset}: {summary.status}",
        f"  read {rows.read:,} = accepted {rows.accepted:,} + dead {rows.dead:,}"
        f" + duplicate {rows.duplicate:,} + blank {rows.blank:,}",
        *_no_files(run),
        *(f"  {reason}" for reason in summary.gate.reasons),
        f"  report: {run.folder / summary.report}",
    ]
    if why_letters_wait is not None:
        lines.append(f"  {why_letters_wait}; its dead letters wait on disk, and the next run stores them")
    return "\n".join(lines)


def _no_files(run: Run) -> list[str]:
    if run.uris:
        return []
    patterns = ", ".join(run.settings.patterns)
    return [f"  there is no file in {', '.join(run.settings.input)}; of a folder are read: {patterns}"]


def exit_code(summary: RunSummary, why_letters_wait: str | None) -> int:
    """How the command line ends after a run."""
    if why_letters_wait is not None:
        return DATABASE_AWAY
    return WENT_THROUGH if summary.status in ("passed", "warned") else STOPPED_OR_FAILED


def read_summary(folder: Path) -> RunSummary:
    """The summary that a run left in its folder."""
    return RunSummary.model_validate_json((folder / "summary.json").read_bytes())
