"""The gate's expectations, one by one, the unmet first."""

from __future__ import annotations

from typing import NamedTuple

from tasks.models import RuleResult, ValidatedBatch
from tasks.report.numbers import MISSING, Numbers
from tasks.report.text import shown

DATA_DOCS = "data_docs"
_SEVERITIES = ("critical", "warning", "info")


class RuleView(NamedTuple):
    """One expectation."""

    outcome: str
    css: str
    sentence: str
    detail: str
    severity: str
    checked: str
    unexpected: str
    share: str


class GateView(NamedTuple):
    """The gate's part of the page."""

    intro: str
    data_docs: str | None
    rules: tuple[RuleView, ...]

    @property
    def unmet(self) -> tuple[RuleView, ...]:
        """The expectations that are not met, or could not be checked."""
        return tuple(rule for rule in self.rules if rule.css != "met")


def view_gate(batch: ValidatedBatch | None, numbers: Numbers) -> GateView:
    """The gate's results; what to say where it was not reached."""
    if batch is None:
        return GateView("The run ended before the gate.", None, ())
    rules = sorted(batch.gate.rules, key=_order)
    met = sum(rule.is_met for rule in rules)
    intro = f"{met} of {len(rules)} expectations are met." if rules else "The suite has no expectations."
    data_docs = f"{DATA_DOCS}/index.html" if batch.gate.data_docs else None
    return GateView(intro, data_docs, tuple(_rule(rule, numbers) for rule in rules))


def _order(rule: RuleResult) -> tuple[bool, int, int]:
    severity = _SEVERITIES.index(rule.severity) if rule.severity in _SEVERITIES else len(_SEVERITIES)
    return rule.is_met, severity, -(rule.unexpected or 0)


def _rule(rule: RuleResult, numbers: Numbers) -> RuleView:
    outcome, css = ("met", "met") if rule.is_met else ("not met", "noted" if rule.severity != "critical" else "unmet")
    if rule.error:
        outcome, css = "not checked", "unmet"
    share = MISSING
    if rule.checked and rule.unexpected is not None:
        share = numbers.share(rule.unexpected / rule.checked)
    details = [f"observed: {shown(rule.observed)}"] if rule.observed else []
    details += [shown(rule.error, 300)] if rule.error else []
    return RuleView(
        outcome=outcome,
        css=css,
        sentence=shown(rule.sentence, 300),
        detail="; ".join(details),
        severity=rule.severity,
        checked=_whole(rule.checked, numbers),
        unexpected=_whole(rule.unexpected, numbers),
        share=share,
    )


def _whole(value: int | None, numbers: Numbers) -> str:
    return MISSING if value is None else numbers.whole(value)
