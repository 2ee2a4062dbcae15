"""What is told: an alert in three sentences, made from counts and names only."""

from __future__ import annotations

from pathlib import Path

from tasks.models import Frozen, RunSummary
from tasks.settings import AlertSettings, Outcome

_MARKS = {Outcome.PASSED: "ok", Outcome.WARNED: "warning", Outcome.STOPPED: "stopped", Outcome.FAILED: "failed"}


class RunFailure(Frozen):
    """A run that ended in an error. `what` is made by `tasks.safe_errors.describe`: it holds no values."""

    run_id: str
    dataset: str
    stage: str
    what: str


class Alert(Frozen):
    """One message, the same on every channel."""

    outcome: Outcome
    dataset: str
    run_id: str
    subject: str
    sentences: tuple[str, str, str]
    facts: tuple[tuple[str, str], ...] = ()
    link: str = ""


def alert_of_run(summary: RunSummary, settings: AlertSettings, results_dir: Path) -> Alert:
    """What to say of a run that wrote its summary."""
    outcome = Outcome(summary.status)
    rows = summary.rows
    dead = sorted(summary.dead_by_reason.items(), key=lambda item: (-item[1], item[0]))
    counted = (
        f"Of {_number(rows.read, 'record')} read, {rows.accepted:,} were accepted, {rows.dead:,} became dead letters, "
        f"{rows.duplicate:,} were duplicates and {rows.blank:,} blank."
    )
    facts = [("dataset", summary.dataset), ("run", summary.run_id), ("files", f"{len(summary.files):,}")]
    facts += [("why", reason) for reason in summary.gate.reasons]
    facts += [(f"dead letters: {code}", f"{count:,}") for code, count in dead[:5]]
    return Alert(
        outcome=outcome,
        dataset=summary.dataset,
        run_id=summary.run_id,
        subject=f"Sluice {_MARKS[outcome]}: {summary.dataset}, {rows.dead:,} of {rows.read:,} records rejected",
        sentences=(_what_happened(summary), counted, _what_now(outcome)),
        facts=tuple(facts),
        link=_link(summary.run_id, summary.report, settings, results_dir),
    )


def alert_of_failure(failure: RunFailure, settings: AlertSettings, results_dir: Path) -> Alert:
    """What to say of a run that ended in an error."""
    return Alert(
        outcome=Outcome.FAILED,
        dataset=failure.dataset,
        run_id=failure.run_id,
        subject=f"Sluice failed: {failure.dataset}, in {failure.stage}",
        sentences=(
            f"The run of {failure.dataset} failed in the stage {failure.stage}.",
            f"The error is {failure.what}.",
            _what_now(Outcome.FAILED),
        ),
        facts=(
            ("dataset", failure.dataset),
            ("run", failure.run_id),
            ("stage", failure.stage),
            ("error", failure.what),
        ),
        link=_link(failure.run_id, "report.html", settings, results_dir),
    )


def _what_happened(summary: RunSummary) -> str:
    reasons = "; ".join(summary.gate.reasons)
    because = f": {reasons}" if reasons else ""
    return {
        "passed": f"The batch of {summary.dataset} passed the gate.",
        "warned": f"The batch of {summary.dataset} passed the gate with warnings{because}.",
        "stopped": f"The gate stopped the batch of {summary.dataset}{because}.",
        "failed": f"The run of {summary.dataset} failed before it was done.",
    }[summary.status]


def _what_now(outcome: Outcome) -> str:
    return {
        Outcome.PASSED: "Nothing needs to be done.",
        Outcome.WARNED: "The analysis was made; look at the warnings in the report before you use it.",
        Outcome.STOPPED: "Nothing of it was analysed; mend the files or the rules and run again.",
        Outcome.FAILED: "What was finished is kept; run again once the cause is gone, and only the rest is done.",
    }[outcome]


def _link(run_id: str, report: str, settings: AlertSettings, results_dir: Path) -> str:
    if settings.report_url:
        return settings.report_url.replace("{run_id}", run_id)
    return str(results_dir / run_id / report)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
