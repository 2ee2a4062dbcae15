"""The stages as the pipeline calls them: `plain_stages.py` without a Prefect engine, `prefect_stages.py` with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tasks.models import Analysis, LandedFile, SourceRef, ValidatedBatch
from tasks.report.facts import Figures


class Stages(Protocol):
    """What a pipeline asks for, in the order it asks."""

    def ingest(self, sources: Sequence[SourceRef]) -> list[LandedFile]:
        """Land every file; a file that cannot be landed comes back as dead, not as an error."""

    def validate(self, landed: Sequence[LandedFile]) -> ValidatedBatch:
        """Put the batch through the gate."""

    def analyze(self, batch: ValidatedBatch) -> Analysis:
        """Make the result tables from the accepted rows."""

    def draw(self, analysis: Analysis) -> Figures:
        """Draw the plots of the report."""
