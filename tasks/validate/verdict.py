"""The verdict: go on, go on and warn, or stop, from the severities of what failed and the contract's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from expectations.contract import Limits
from tasks.models import Rows, RuleResult, Verdict

_NAMED_FILES = 5  # of those that could not be landed; the report has all


class Decision(NamedTuple):
    """A verdict and, in words, each thing that led to it."""

    verdict: Verdict
    reasons: tuple[str, ...]


def decide(
    rules: Sequence[RuleResult], rows: Rows, files: Mapping[str, Rows], dead_files: Sequence[str], limits: Limits
) -> Decision:
    """Judge a batch.

    Args:
        rules: what each expectation found.
        rows: the balance of the batch.
        files: the balance of each landed file, by its name.
        dead_files: of each file that could not be landed, its name and why.
        limits: the contract's.

    A `critical` expectation that is not met stops, a `warning` warns, an `info` is only noted. An expectation that
    could not be checked stops, whatever its severity: a gate that cannot see does not open.
    """
    stops = [*_failed(rules, "critical"), *_unchecked(rules), *_past_limits(rows, len(dead_files), limits)]
    stops += [past for name, of_file in files.items() for past in _past_file_limits(name, of_file, limits)]
    warnings = [*_failed(rules, "warning"), *_dead_files(dead_files)]
    if stops:
        return Decision(Verdict.STOPPED, tuple(stops + warnings))
    return Decision(Verdict.WARNED if warnings else Verdict.PASSED, tuple(warnings))


def rejected_share(rows: Rows) -> float:
    """Dead records among those that are not blank; 0 for an empty batch."""
    judged = rows.read - rows.blank
    return rows.dead / judged if judged else 0.0


def _failed(rules: Sequence[RuleResult], severity: str) -> list[str]:
    failed = [rule for rule in rules if not rule.is_met and rule.error is None and rule.severity == severity]
    return [f"{severity}: {rule.sentence}{_how_many(rule)}" for rule in failed]


def _how_many(rule: RuleResult) -> str:
    if rule.unexpected is not None and rule.checked:
        return f" ({rule.unexpected:,} of {rule.checked:,} rows do not)"
    return f" (observed {rule.observed})" if rule.observed is not None else ""


def _unchecked(rules: Sequence[RuleResult]) -> list[str]:
    return [f"could not be checked: {rule.sentence} ({rule.error})" for rule in rules if rule.error is not None]


def _past_limits(rows: Rows, dead_files: int, limits: Limits) -> list[str]:
    past = []
    if (share := rejected_share(rows)) > limits.rejected_share:
        past.append(f"limit: {share:.2%} of the records are dead, the contract allows {limits.rejected_share:.2%}")
    if limits.rejected_rows is not None and rows.dead > limits.rejected_rows:
        past.append(f"limit: {rows.dead:,} records are dead, the contract allows {limits.rejected_rows:,}")
    if limits.dead_files is not None and dead_files > limits.dead_files:
        allowed = f"the contract allows {limits.dead_files}"
        past.append(f"limit: {_counted(dead_files)} could not be landed, {allowed}")
    return past


def _past_file_limits(name: str, rows: Rows, limits: Limits) -> list[str]:
    """What ingest let pass a file's limits can be past them with what the gate rejects."""
    past = []
    if (share := rejected_share(rows)) > limits.file_rejected_share:
        allowed = f"the contract allows {limits.file_rejected_share:.2%} of a file"
        past.append(f"limit: {share:.2%} of the records of {name} are dead, {allowed}")
    if limits.file_rejected_rows is not None and rows.dead > limits.file_rejected_rows:
        allowed = f"the contract allows {limits.file_rejected_rows:,} of a file"
        past.append(f"limit: {rows.dead:,} records of {name} are dead, {allowed}")
    return past


def _dead_files(dead_files: Sequence[str]) -> list[str]:
    named = [f"could not be landed: {file}" for file in dead_files[:_NAMED_FILES]]
    others = len(dead_files) - len(named)
    return [*named, f"{_counted(others)} more could not be landed"] if others else named


def _counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files:,} files"
