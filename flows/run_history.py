"""Past runs for the report to compare with, and the page over all runs. A run goes on without them."""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError

from flows.run import Run
from tasks.history.measure import measure_run
from tasks.history.models import RunMeasures
from tasks.history.store import RunHistory
from tasks.models import Analysis, RunSummary
from tasks.report.index import MOST_RUNS, write_index
from tasks.safe_errors import describe

_log = logging.getLogger(__name__)


def past_runs(run: Run) -> list[RunMeasures] | None:
    """Earlier runs of the dataset; None where the database does not answer."""
    try:
        history = RunHistory(run.settings.dead_letters.connection_url())
        try:
            return history.past(run.contract.dataset, run.contract.baseline.runs)
        finally:
            history.close()
    except SQLAlchemyError as error:
        _log.warning("past runs are not to be had, so this one is not compared: %s", describe(error))
        return None


def remember_run(run: Run, summary: RunSummary, analysis: Analysis | None) -> None:
    """Keep a run's measures, and write the page over all runs anew. To be called when its folder is in its place."""
    try:
        history = RunHistory(run.settings.dead_letters.connection_url())
        try:
            history.remember(measure_run(summary, analysis, run.store))
            write_index(history.all(MOST_RUNS), run.settings.results_dir, run.settings.report_templates)
        finally:
            history.close()
    except (SQLAlchemyError, OSError) as error:
        _log.warning("the run's measures could not be kept: %s", describe(error))
