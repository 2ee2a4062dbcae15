"""A run's summary beside past runs: what changed, and what drift does to its status."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.history.compare import compare_runs
from tasks.history.judge import judge_drift
from tasks.history.measure import measure_run
from tasks.history.models import RunMeasures
from tasks.models import Analysis, RunSummary
from tasks.report.changes import ChangesView, view_changes
from tasks.report.numbers import Numbers
from tasks.report.words import words_of


def compare_with_past(
    summary: RunSummary,
    analysis: Analysis | None,
    past: Sequence[RunMeasures] | None,
    *,
    contract: Contract,
    store: ArtifactStore,
    numbers: Numbers,
) -> tuple[RunSummary, ChangesView | None]:
    """Compare a run with past ones.

    Args:
        summary: the run, before it is compared.
        analysis: its result tables.
        past: earlier runs of the dataset; None where they are not to be had.
        contract: says what is drift, and what follows from it.
        store: where the tables lie.
        numbers: how numbers are written.

    Returns:
        The summary with what changed, its status raised where the contract wants drift to count; and the same for the
        page, None where there is no past to be had.
    """
    if past is None:
        return summary, None
    found = compare_runs(measure_run(summary, analysis, store), past, contract.baseline)
    view = view_changes(found, words_of(contract), numbers)
    judged = judge_drift(summary.status, found, contract.baseline)
    gate = summary.gate.model_copy(update={"reasons": (*summary.gate.reasons, *judged.reasons)})
    changed = {
        "status": judged.status,
        "gate": gate,
        "previous_run": found.previous,
        "changes": view.sentences,
        "drifted": tuple(one.name for one in found.drifted),
    }
    return summary.model_copy(update=changed), view
