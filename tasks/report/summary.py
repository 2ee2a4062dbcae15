"""`summary.json`: one run in a form that programs read (docs/summary.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasks.models import FileSummary, GateResult, LandedFile, Rows, RunSummary, ValidatedBatch, Verdict
from tasks.report.facts import DeadLetterDigest, RunFacts

REPORT_NAME = "report.html"


def summarize(
    run: RunFacts,
    landed: Sequence[LandedFile],
    batch: ValidatedBatch | None,
    letters: DeadLetterDigest,
    tables: Mapping[str, str],
) -> RunSummary:
    """Put a run into the form of `summary.json`.

    Args:
        run: the run as the flow knows it.
        landed: what ingest made of each file, as far as it came.
        batch: what the gate made of the batch; None where the run failed before.
        letters: the dead letters, counted.
        tables: result tables by name, as paths relative to the run's folder.
    """
    return RunSummary(
        run_id=run.run_id,
        dataset=run.dataset,
        status=run.status,
        engine=run.engine,
        rows=batch.rows if batch else rows_before_the_gate(landed),
        dead_by_reason=_by_reason(letters),
        files=summarize_files(landed, batch),
        gate=batch.gate if batch else GateResult(verdict=Verdict.STOPPED, reasons=("the gate was not reached",)),
        tables=dict(tables),
        report=REPORT_NAME,
        started_at=run.started_at,
        finished_at=run.finished_at,
        stage_seconds=run.stage_seconds,
        stage_rows=run.stage_rows,
        stage_bytes=run.stage_bytes,
        stage_peak_memory_bytes=run.stage_peak_memory_bytes,
        manifest=run.manifest,
    )


def summarize_files(landed: Sequence[LandedFile], batch: ValidatedBatch | None) -> tuple[FileSummary, ...]:
    """What was understood of each file and where its records went, in the order of the batch."""
    judged = {file.source: file.rows for file in batch.files} if batch else {}
    return tuple(_file(file, judged.get(file.source) or rows_before_the_gate([file])) for file in landed)


def rows_before_the_gate(landed: Sequence[LandedFile]) -> Rows:
    """The balance as far as ingest knows it: landed rows are neither accepted nor rejected, so it does not close."""
    return Rows(
        read=sum(file.rows.read for file in landed),
        dead=sum(file.rows.dead for file in landed),
        blank=sum(file.rows.blank for file in landed),
    )


def _by_reason(letters: DeadLetterDigest) -> dict[str, int]:
    """Records under each reason code, whatever the stage; the most frequent first."""
    counts: dict[str, int] = {}
    for reason in letters.by_reason:
        counts[reason.code] = counts.get(reason.code, 0) + reason.records
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _file(file: LandedFile, rows: Rows) -> FileSummary:
    return FileSummary(
        uri=file.source.uri,
        digest=file.source.digest,
        size_bytes=file.source.size_bytes,
        file_format=file.file_format,
        encoding=file.encoding,
        encoding_confidence=file.encoding_confidence,
        dialect=file.dialect,
        header=file.header,
        rows=rows,
        findings=file.findings,
    )
