"""What the report is told about a run beside its tables: small frozen models."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from tasks.models import ArtifactRef, EngineName, Frozen, Manifest

RunStatus = Literal["passed", "warned", "stopped", "failed"]


class RunFacts(Frozen):
    """One run, as the flow knows it when the report is written."""

    run_id: str
    dataset: str
    engine: EngineName
    status: RunStatus
    started_at: datetime
    finished_at: datetime
    stage_seconds: dict[str, float]
    stage_rows: dict[str, int] = Field(default_factory=dict)
    stage_bytes: dict[str, int] = Field(default_factory=dict)
    stage_peak_memory_bytes: dict[str, int] = Field(default_factory=dict)
    manifest: Manifest
    failure: str | None = None  # what went wrong, for a failed run: one sentence for people, without cell values
    failed_stage: str | None = None


class Figure(Frozen):
    """One plot: the same data drawn for a wide page and, where that would be too small to read, for a phone."""

    name: str
    section: str
    title: str
    alt: str  # what the picture shows, in words and numbers
    how: str  # how the numbers in it were computed
    wide: ArtifactRef
    narrow: ArtifactRef | None = None


class Figures(Frozen):
    """All plots of a report, in the order they are shown."""

    figures: tuple[Figure, ...] = ()


class SampleReason(Frozen):
    """One reason of a sampled dead letter."""

    code: str
    column: str | None
    message: str


class LetterSample(Frozen):
    """A dead letter as people may see it: personal values masked, at most a few hundred characters."""

    file: str
    line: int
    last_line: int | None
    shown: str | None  # None where there is no raw text, or where it may not be shown
    note: str  # why it is not shown, or what was masked or cut; empty where it is whole
    reasons: tuple[SampleReason, ...]


class ReasonCount(Frozen):
    """All dead letters with one reason. A letter with two reasons counts under both."""

    stage: str
    code: str
    message: str  # that of the reason in the first sample
    letters: int
    records: int
    only: int  # letters that have no other reason
    columns: dict[str, int]  # column to letters; letters without one are left out
    files: int
    samples: tuple[LetterSample, ...] = ()


class FileCount(Frozen):
    """The dead letters of one file at one stage."""

    file: str
    stage: str
    letters: int
    records: int


class DeadLetterDigest(Frozen):
    """All that the report says of the dead letters; its size does not depend on how many there are."""

    letters: int = 0
    records: int = 0
    by_stage: dict[str, int] = Field(default_factory=dict)  # records, by the stage that rejected them
    by_reason: tuple[ReasonCount, ...] = ()
    by_file: tuple[FileCount, ...] = ()
