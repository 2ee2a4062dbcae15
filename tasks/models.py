"""What tasks hand to each other: small frozen models that point at artifacts (docs/decisions/0002)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EngineName = Literal["polars", "pandas", "duckdb", "dask", "spark"]
ENGINES: tuple[EngineName, ...] = ("polars", "pandas", "duckdb")
EXTRA_ENGINES: tuple[EngineName, ...] = ("dask", "spark")  # with requirements-extras.txt
ALL_ENGINES = (*ENGINES, *EXTRA_ENGINES)


class Frozen(BaseModel):
    """A value: equal when its fields are, safe as a cache key."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ArtifactRef(Frozen):
    """A file or folder in the artifact store."""

    digest: str
    suffix: str
    size_bytes: int
    rows: int | None = None


class UnpackLimits(Frozen):
    """What a packed file may become when it is unpacked. Beyond that it is one dead letter, `too_large`."""

    max_gigabytes: float = Field(default=256, gt=0, description="never more than this")
    max_ratio: float = Field(
        default=500, ge=1, description="times its own size; text packs 3 to 50 times, a bomb 1000 times and more"
    )
    always_megabytes: float = Field(default=256, ge=0, description="always allowed, however small the file is")

    def allowance(self, stored_bytes: int) -> int:
        """How many bytes a file of this size may become."""
        always = max(self.always_megabytes * (1 << 20), self.max_ratio * stored_bytes)
        return int(min(self.max_gigabytes * (1 << 30), always))


class SourceRef(Frozen):
    """One input file as it was when the run saw it. A member of an archive is a source of its own: `uri!member`.

    Attributes:
        copy_path: where a remote file was fetched to; it (or the archive) is read there while that lasts.
        max_unpacked_bytes: what it may become when it is unpacked; None where it is known to be no bomb.
    """

    uri: str
    digest: str
    size_bytes: int
    copy_path: str | None = None
    max_unpacked_bytes: int | None = None

    @property
    def name(self) -> str:
        """The last part of the address, for people."""
        return self.uri.rsplit("/", 1)[-1]


class Finding(Frozen):
    """Something worth saying about a file that is not a dead letter. `message` holds no cell values."""

    code: str
    message: str
    count: int | None = None


class Stage(StrEnum):
    """Where a line or row was rejected."""

    PARSE = "parse"
    CAST = "cast"
    GATE = "gate"


class FileRows(Frozen):
    """The balance of one file after ingest: read = landed + dead + blank."""

    read: int = 0
    landed: int = 0
    dead: int = 0
    blank: int = 0


class Dialect(Frozen):
    """How a text file is written, as it was understood."""

    delimiter: str  # `aligned` where there is none, and the columns are lined up by blanks
    quote: str | None = '"'
    escape: str | None = None
    line_end: str = "\n"  # or `\r\n`, `\r`; `mixed` where each of them ends a line
    header_rows: int = 1
    skip_rows: int = 0
    cuts: tuple[int, ...] = ()  # where lined-up columns begin, in characters; the first one is left out
    has_quoted_lines: bool = False  # each line is in quotes as a whole, and all this is said of what is within


class LandedFile(Frozen):
    """What ingest made of one file. `landed` is None for a file that is a dead letter as a whole."""

    source: SourceRef
    file_format: str
    encoding: str | None = None
    encoding_confidence: float | None = None
    dialect: Dialect | None = None
    header: tuple[str, ...] = ()
    rows: FileRows
    landed: ArtifactRef | None = None
    dead_letters: ArtifactRef | None = None
    miscast: ArtifactRef | None = None  # rows of dead letters that were read, typed as far as their values cast
    findings: tuple[Finding, ...] = ()


class Rows(Frozen):
    """Law 1, for a file or a run."""

    read: int = 0
    accepted: int = 0
    dead: int = 0
    duplicate: int = 0
    blank: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.accepted + self.dead + self.duplicate + self.blank


class Verdict(StrEnum):
    """What the gate decided."""

    PASSED = "passed"
    WARNED = "warned"
    STOPPED = "stopped"


class RuleResult(Frozen):
    """The outcome of one expectation."""

    rule_id: str
    expectation_type: str
    columns: tuple[str, ...]
    severity: str
    is_met: bool
    sentence: str
    checked: int | None = None
    unexpected: int | None = None
    observed: str | None = None
    error: str | None = None


class GateResult(Frozen):
    """What the gate found, and why it decided as it did."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    rules: tuple[RuleResult, ...] = ()
    data_docs: ArtifactRef | None = None


class ValidatedFile(Frozen):
    """One file after the gate."""

    source: SourceRef
    rows: Rows
    accepted: ArtifactRef | None = None
    dead_letters: ArtifactRef | None = None  # those of ingest, completed by what the gate says of them


class ValidatedBatch(Frozen):
    """What validate made of the batch."""

    files: tuple[ValidatedFile, ...]
    rows: Rows
    gate: GateResult
    dead_letters: ArtifactRef | None = None  # those of the gate


class Analysis(Frozen):
    """The result tables, as Parquet, by name; one-row facts are tables of one row."""

    engine: EngineName
    tables: dict[str, ArtifactRef]


class Manifest(Frozen):
    """What went into a run: enough to say why two runs differ."""

    contract_digest: str
    suite_digest: str
    settings: dict[str, str]
    versions: dict[str, str]
    is_forced: bool = False


class FileSummary(Frozen):
    """One file in `summary.json`: what was understood of it and where its records went."""

    uri: str
    digest: str
    size_bytes: int
    file_format: str
    encoding: str | None
    encoding_confidence: float | None
    dialect: Dialect | None
    header: tuple[str, ...]
    rows: Rows
    findings: tuple[Finding, ...]


class RunSummary(Frozen):
    """`summary.json` (docs/summary.md). Paths are relative to the run's folder."""

    schema_version: Literal[1] = 1
    run_id: str
    dataset: str
    status: Literal["passed", "warned", "stopped", "failed"]
    engine: EngineName
    rows: Rows
    dead_by_reason: dict[str, int]
    files: tuple[FileSummary, ...]
    gate: GateResult
    tables: dict[str, str]
    report: str
    started_at: datetime
    finished_at: datetime
    stage_seconds: dict[str, float]
    stage_rows: dict[str, int] = Field(default_factory=dict)
    stage_bytes: dict[str, int] = Field(default_factory=dict)
    stage_peak_memory_bytes: dict[str, int] = Field(default_factory=dict)
    manifest: Manifest
    previous_run: str | None = None
    changes: tuple[str, ...] = ()
    drifted: tuple[str, ...] = ()
