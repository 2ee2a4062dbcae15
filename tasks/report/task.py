"""The Prefect task of this stage: a thin line over `draw_figures`. Caching and retries are set by the flow.

The page itself holds the run's id and times, so it is written anew by every run, outside of the cache.
"""

from __future__ import annotations

from pathlib import Path

from prefect import task

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.models import Analysis
from tasks.report.facts import Figures
from tasks.report.figures import draw_figures


@task(name="report")
def draw(analysis: Analysis, contract: Contract, store_root: str) -> Figures:
    """Draw the plots of one batch."""
    return draw_figures(analysis, contract, ArtifactStore(Path(store_root)))
