"""What goes into the dead-letter table and comes out of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, Field

from tasks.models import Dialect, Frozen, LandedFile, Stage


class Status(StrEnum):
    """Where a dead letter is on its way out of the table."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class FileFacts(Frozen):
    """How a source file is written: enough to take a raw record apart again."""

    file_digest: str
    file_format: str
    encoding: str | None = None
    dialect: Dialect | None = None
    header: tuple[str, ...] = ()
    size_bytes: int | None = None
    records: int | None = Field(default=None, description="how many were read, dead and blank ones too")

    @classmethod
    def of(cls, landed: LandedFile) -> FileFacts:
        """The facts ingest found."""
        return cls(
            file_digest=landed.source.digest,
            file_format=landed.file_format,
            encoding=landed.encoding,
            dialect=landed.dialect,
            header=landed.header,
            size_bytes=landed.source.size_bytes,
            records=landed.rows.read,
        )


class BatchFacts(Frozen):
    """The run that found some dead letters, and by which contract and suite."""

    dataset: str
    run_id: str
    contract_digest: str
    suite_digest: str | None = Field(default=None, description="none for a run that never reached the gate")
    seen_at: AwareDatetime = Field(description="when the run started")
    files: tuple[FileFacts, ...] = ()


class Added(Frozen):
    """What a load did: `new` letters were not in the table before, `known` ones were."""

    new: int = 0
    known: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(new=self.new + other.new, known=self.known + other.known)


class Reason(Frozen):
    """One thing that is wrong with a dead letter (letter.REASON)."""

    code: str
    rule_id: str | None = None
    column: str | None = None
    severity: str | None = None
    status: str | None = None
    message: str | None = None


class StoredLetter(Frozen):
    """One dead letter as the table has it."""

    id: str
    dataset: str
    file: str
    file_digest: str
    line: int
    last_line: int
    byte_offset: int | None
    records: int
    raw: bytes | None
    raw_form: str
    stage: Stage
    reasons: tuple[Reason, ...]
    contract_digest: str
    suite_digest: str | None
    first_run: str
    first_seen_at: datetime
    last_run: str
    last_seen_at: datetime
    attempts: int
    status: Status
    changed_by: str | None
    changed_at: datetime | None


class Filters(Frozen):
    """Which dead letters are meant. What is left out does not restrict; the rest must all hold."""

    status: Status | None = Status.OPEN
    dataset: str | None = None
    ids: tuple[str, ...] = Field(default=(), description="ids or unique beginnings of ids")
    file: str | None = Field(
        default=None, description="text that the file's address contains, or a glob over all of it"
    )
    reason: str | None = Field(default=None, description="a reason code; letters that have it among their reasons")
    column: str | None = None
    rule_id: str | None = None
    stage: Stage | None = None
    run_id: str | None = Field(default=None, description="the run that saw it first or last")
    first_seen_before: AwareDatetime | None = None
    first_seen_after: AwareDatetime | None = None


class ReasonCount(Frozen):
    """How many letters have a reason. A letter with two reasons counts under both."""

    dataset: str
    stage: Stage
    code: str
    column: str | None
    letters: int


class Stats(Frozen):
    """The state of the table."""

    by_status: dict[Status, int]
    oldest_open_at: datetime | None
    open_by_reason: tuple[ReasonCount, ...]
    open_by_age: dict[str, int] = Field(description="letters by how long ago they were first seen")
