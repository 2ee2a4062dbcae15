"""What is told: an alert in three sentences, made from counts and names only."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from tasks.models import Frozen, RunSummary
from tasks.settings import AlertSettings, Outcome


class Rule(StrEnum):
    """What can be wrong with a dataset. At most one alert a rule is open at a time."""

    RUN = "run"
    REJECTED = "rejected"
    DRIFT = "drift"
    OLD_DEAD_LETTERS = "old_dead_letters"
    NO_NEW_DATA = "no_new_data"


class RunFailure(Frozen):
    """A run that ended in an error. `what` is made by `tasks.safe_errors.describe`: it holds no values."""

    run_id: str
    dataset: str
    stage: str
    what: str
    outcome: Outcome = Outcome.FAILED
    has_report: bool = True  # false: it ended before there was anything to report


class Alert(Frozen):
    """One message, the same on every channel."""

    dataset: str
    rule: Rule
    kind: str  # another kind of the same rule is worth telling at once: stopped, then failed
    is_good: bool = False
    run_id: str | None = None
    subject: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    link: str = ""


class Condition(Frozen):
    """A rule as it stands now: wrong, with what to say of it, or (`alert` is None) not."""

    dataset: str
    rule: Rule
    run_id: str | None = None
    alert: Alert | None = None


def conditions_of_run(
    run: RunSummary | RunFailure, settings: AlertSettings, results_dir: Path
) -> tuple[Condition, ...]:
    """The rules that a run says something about."""
    if isinstance(run, RunFailure):
        failed = _of_failure(run, settings, results_dir)
        return (_condition(failed, Rule.RUN, run.run_id),) if run.outcome in settings.outcomes else ()
    outcome = Outcome(run.status)
    conditions = []
    if outcome in settings.outcomes:
        conditions.append(_condition(_of_run(run, settings, results_dir), Rule.RUN, run.run_id))
    elif outcome in (Outcome.PASSED, Outcome.WARNED):
        conditions.append(Condition(dataset=run.dataset, rule=Rule.RUN, run_id=run.run_id))
    if settings.rejected_share_over is not None and outcome != Outcome.FAILED:
        rejected = _of_rejected(run, settings.rejected_share_over, settings, results_dir)
        conditions.append(Condition(dataset=run.dataset, rule=Rule.REJECTED, run_id=run.run_id, alert=rejected))
    if settings.drift and outcome in (Outcome.PASSED, Outcome.WARNED):
        drifted = _of_drift(run, settings, results_dir) if run.drifted else None
        conditions.append(Condition(dataset=run.dataset, rule=Rule.DRIFT, run_id=run.run_id, alert=drifted))
    return tuple(conditions)


def _condition(alert: Alert, rule: Rule, run_id: str) -> Condition:
    return Condition(dataset=alert.dataset, rule=rule, run_id=run_id, alert=alert)


def well_again(condition: Condition, since: str, times: int) -> Alert:
    """What to say when a rule that was wrong is not any more."""
    what = {
        Rule.RUN: "runs go through again",
        Rule.REJECTED: "few enough records are rejected again",
        Rule.DRIFT: "no longer drifts",
        Rule.OLD_DEAD_LETTERS: "has no old dead letters any more",
        Rule.NO_NEW_DATA: "gets new data again",
    }[condition.rule]
    often = "once" if times == 1 else f"{times:,} times"
    facts = (("dataset", condition.dataset), *([("run", condition.run_id)] if condition.run_id else []))
    return Alert(
        dataset=condition.dataset,
        rule=condition.rule,
        kind="recovered",
        is_good=True,
        run_id=condition.run_id,
        subject=f"Sluice ok again: {condition.dataset}, {what}",
        sentences=(
            f"{condition.dataset}: {what}.",
            f"It was seen to be wrong {often} since {since}.",
            "Nothing needs to be done.",
        ),
        facts=facts,
    )


def link_of(run_id: str, report: str, settings: AlertSettings, results_dir: Path) -> str:
    """Where the report of a run is read."""
    if settings.report_url:
        return settings.report_url.replace("{run_id}", run_id)
    return str(results_dir / run_id / report)


def _of_run(summary: RunSummary, settings: AlertSettings, results_dir: Path) -> Alert:
    outcome, rows = Outcome(summary.status), summary.rows
    reasons = [("why", reason) for reason in summary.gate.reasons]
    return Alert(
        dataset=summary.dataset,
        rule=Rule.RUN,
        kind=outcome.value,
        is_good=outcome == Outcome.PASSED,
        run_id=summary.run_id,
        subject=f"Sluice {outcome}: {summary.dataset}, {rows.dead:,} of {rows.read:,} records rejected",
        sentences=(_what_happened(summary), _counted(summary), _what_now(outcome)),
        facts=(*_facts(summary), *reasons, *_worst_reasons(summary)),
        link=link_of(summary.run_id, summary.report, settings, results_dir),
    )


def _of_failure(failure: RunFailure, settings: AlertSettings, results_dir: Path) -> Alert:
    said = failure.outcome.value.replace("_", " ")
    known = (("dataset", failure.dataset), ("run", failure.run_id), ("stage", failure.stage), ("error", failure.what))
    return Alert(
        dataset=failure.dataset,
        rule=Rule.RUN,
        kind=failure.outcome.value,
        run_id=failure.run_id,
        subject=f"Sluice {said}: {failure.dataset}, in {failure.stage}",
        sentences=(
            f"The run of {failure.dataset} {said} in the stage {failure.stage}.",
            f"What is known of the cause: {failure.what}.",
            _what_now(failure.outcome),
        ),
        facts=known,
        link=link_of(failure.run_id, "report.html", settings, results_dir) if failure.has_report else "",
    )


def _of_rejected(summary: RunSummary, limit: float, settings: AlertSettings, results_dir: Path) -> Alert | None:
    rows = summary.rows
    if rows.read == 0 or rows.dead / rows.read <= limit:
        return None
    share = f"{rows.dead / rows.read:.1%}"
    return Alert(
        dataset=summary.dataset,
        rule=Rule.REJECTED,
        kind="over",
        run_id=summary.run_id,
        subject=f"Sluice: {summary.dataset}, {share} of the records rejected",
        sentences=(
            f"{share} of the records of {summary.dataset} became dead letters; told is what is over {limit:.1%}.",
            _counted(summary),
            "The dead letters are kept with their reasons and can be sent through again once the cause is mended.",
        ),
        facts=(*_facts(summary), *_worst_reasons(summary)),
        link=link_of(summary.run_id, summary.report, settings, results_dir),
    )


def _of_drift(summary: RunSummary, settings: AlertSettings, results_dir: Path) -> Alert:
    number = f"{len(summary.drifted):,} {'measure' if len(summary.drifted) == 1 else 'measures'}"
    return Alert(
        dataset=summary.dataset,
        rule=Rule.DRIFT,
        kind="drifted",
        run_id=summary.run_id,
        subject=f"Sluice: {summary.dataset} has drifted in {number}",
        sentences=(
            f"{number} of {summary.dataset} moved further from their baseline than the contract allows.",
            _counted(summary),
            "The report names each with its size; see whether the data or the world has changed.",
        ),
        facts=(*_facts(summary), *(("drifted", name) for name in summary.drifted[:5])),
        link=link_of(summary.run_id, summary.report, settings, results_dir),
    )


def _facts(summary: RunSummary) -> tuple[tuple[str, str], ...]:
    return (("dataset", summary.dataset), ("run", summary.run_id), ("files", f"{len(summary.files):,}"))


def _worst_reasons(summary: RunSummary) -> list[tuple[str, str]]:
    dead = sorted(summary.dead_by_reason.items(), key=lambda item: (-item[1], item[0]))
    return [(f"dead letters: {code}", f"{count:,}") for code, count in dead[:5]]


def _counted(summary: RunSummary) -> str:
    rows = summary.rows
    records = "record" if rows.read == 1 else "records"
    return (
        f"Of {rows.read:,} {records} read, {rows.accepted:,} were accepted, {rows.dead:,} became dead letters, "
        f"{rows.duplicate:,} were duplicates and {rows.blank:,} blank."
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
    again = "What was finished is kept; run again once the cause is gone, and only the rest is done."
    return {
        Outcome.PASSED: "Nothing needs to be done.",
        Outcome.WARNED: "The analysis was made; look at the warnings in the report before you use it.",
        Outcome.STOPPED: "Nothing of it was analysed; mend the files or the rules and run again.",
        Outcome.FAILED: again,
        Outcome.CRASHED: again,
        Outcome.TIMED_OUT: again,
    }[outcome]
