"""The verdict and the row balance in words."""

from __future__ import annotations

from typing import NamedTuple

from tasks.models import Rows, RunSummary
from tasks.report.facts import RunFacts
from tasks.report.numbers import Numbers
from tasks.report.text import shown

_MOST_REASONS = 5
WORDS = {
    "passed": "Passed",
    "warned": "Passed with warnings",
    "stopped": "Stopped by the gate",
    "failed": "Failed",
}


class VerdictView(NamedTuple):
    """How the run ended, and why."""

    word: str
    headline: str
    reasons_title: str
    reasons: tuple[str, ...]


class Balance(NamedTuple):
    """Law 1 in words."""

    alt: str
    equation: str


def view_verdict(run: RunFacts, summary: RunSummary, numbers: Numbers) -> VerdictView:
    """The badge's word, one sentence, and the gate's reasons."""
    title, reasons = "Why", _reasons(summary)
    if run.status == "failed":
        title, reasons = "How far it came", _stages(run, numbers)
    return VerdictView(WORDS[run.status], _headline(run, summary, numbers), title, reasons)


def _reasons(summary: RunSummary) -> tuple[str, ...]:
    """The gate's reasons; of many the first, as all expectations and files are listed further down."""
    reasons = [shown(reason, 400) for reason in summary.gate.reasons]
    if len(reasons) <= _MOST_REASONS:
        return tuple(reasons)
    return (*reasons[: _MOST_REASONS - 1], f"and {len(reasons) - _MOST_REASONS + 1} more, see below")


def _stages(run: RunFacts, numbers: Numbers) -> tuple[str, ...]:
    finished = [f"{stage}: finished in {numbers.duration(seconds)}" for stage, seconds in run.stage_seconds.items()]
    ended = f"{run.failed_stage}: ended by the failure" if run.failed_stage else "the failure"
    return (*finished, ended)


def _headline(run: RunFacts, summary: RunSummary, numbers: Numbers) -> str:
    rows, files = summary.rows, len(summary.files)
    if run.status == "failed":
        where = f" in the stage {run.failed_stage}" if run.failed_stage else ""
        what = f": {shown(run.failure, 400)}" if run.failure else ""
        return f"The run ended{where}{what}. Below is what is known up to there."
    read = f"{numbers.whole(rows.read)} {'record' if rows.read == 1 else 'records'}"
    source = f"{read} from {files} {'file' if files == 1 else 'files'}"
    was = "was" if rows.read == 1 else "were"
    if run.status == "stopped":
        return f"{source} {was} read, and the batch was not let through. There is no analysis of it."
    if not rows.read:
        return "No record was read: there is nothing to analyse."
    unmet = sum(not rule.is_met for rule in summary.gate.rules)
    rules = len(summary.gate.rules)
    met = f"{unmet} of {rules} expectations {'is' if unmet == 1 else 'are'} not met"
    if not unmet:
        met = "the only expectation is met" if rules == 1 else f"all {rules} expectations are met"
    if not rules:
        met = "the suite has no expectations"
    return f"{numbers.share(rows.accepted / rows.read)} of {source} {was} accepted; {met}."


def view_balance(rows: Rows, numbers: Numbers) -> Balance:
    """The equation, and the picture in words."""
    parts = {
        "accepted": rows.accepted,
        "dead letters" if rows.dead != 1 else "dead letter": rows.dead,
        "duplicate" + ("s" if rows.duplicate != 1 else ""): rows.duplicate,
        "blank": rows.blank,
    }
    terms = " + ".join(f"{numbers.whole(count)} {name}" for name, count in parts.items())
    read = f"{numbers.whole(rows.read)} read"
    if rows.is_balanced:
        equation = f"{read} = {terms}. Every record is accounted for, in each file and in all."
    else:
        rest = rows.read - rows.accepted - rows.dead - rows.duplicate - rows.blank
        equation = f"{read}; {terms}; {numbers.whole(rest)} landed but never judged, as the run ended before the gate."
    return Balance(f"Of {read}: {terms}", equation)
