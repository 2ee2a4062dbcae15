"""One file in, landed rows and dead letters out. Whatever the file, the outcome is a `LandedFile`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import polars as pl

from expectations.contract import Contract, text_column
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.ingest.csv_land import CsvLanding
from tasks.ingest.csv_source import Hints, until_understood
from tasks.ingest.drift import RETYPED, drift_findings, retyped_fault
from tasks.ingest.encoding import Encoding, detect_encoding, given_encoding
from tasks.ingest.faults import FileError
from tasks.ingest.letters import file_letter
from tasks.ingest.options import ReadOptions
from tasks.ingest.pin_doubts import encoding_doubt
from tasks.ingest.record_source import RecordSource
from tasks.ingest.sink import LandedBlock, LandedPaths, Tally, write_blocks
from tasks.models import ArtifactRef, Dialect, FileRows, Finding, LandedFile, SourceRef
from tasks.sources import SourceError, file_format, open_source

Progress = Callable[[int], None]
_HEAD_BYTES = 64 << 10


class Understood(NamedTuple):
    """What was found out about a file before its records are read."""

    file_format: str
    blocks: Callable[[], Iterator[LandedBlock]] = lambda: iter(())
    findings: Callable[[], list[Finding]] = list  # complete once the blocks are read
    encoding: Encoding | None = None
    dialect: Callable[[], Dialect | None] = lambda: None
    header: Callable[[], tuple[str, ...]] = tuple  # complete once the blocks are read
    schema: Callable[[], pl.Schema] = pl.Schema  # of the landed rows; complete once the blocks are read


def ingest_file(
    source: SourceRef, contract: Contract, store: ArtifactStore, on_progress: Progress | None = None
) -> LandedFile:
    """Land one file.

    Args:
        source: what `fingerprint` said of it.
        contract: its columns, types, formats, drift policy and limits.
        store: where landed rows and dead letters are kept.
        on_progress: called now and then with the records read so far.

    Returns:
        The landed file; a file that cannot be landed is one dead letter, `landed` is None.

    Raises:
        OSError: something that may pass: a network or disk that fails just now.
    """
    return until_understood(lambda hints: _ingest(source, contract, store, on_progress, hints))


def without_rows(file: LandedFile, fault: SourceError, store: ArtifactStore) -> LandedFile:
    """A landed file that cannot be read again when it must be, as one dead letter for all its records."""
    known = Understood(
        file.file_format,
        findings=lambda: list(file.findings),
        dialect=lambda: file.dialect,
        header=lambda: file.header,
    )
    dead = _dead_file(known, file.source, store, fault, file.rows)
    return dead.model_copy(update={"encoding": file.encoding, "encoding_confidence": file.encoding_confidence})


def _ingest(
    source: SourceRef, contract: Contract, store: ArtifactStore, on_progress: Progress | None, hints: Hints
) -> LandedFile:
    known = Understood("unknown")
    try:
        with closing(open_source(source)) as stream:
            head = stream.read(_HEAD_BYTES)
        known = Understood(file_format(source, head))
        known = _understand(source, head, contract, hints)
        return _land(known, source, contract, store, on_progress)
    except (FileError, SourceError) as fault:
        return _dead_file(known, source, store, fault, FileRows())


def _understand(source: SourceRef, head: bytes, contract: Contract, hints: Hints) -> Understood:
    if not head:
        raise FileError("empty_file", "the file is empty")
    form = file_format(source, head)
    options = ReadOptions.pinned(contract.pins_for(source.uri))
    if form == "csv":
        csv = CsvLanding(source, contract, options, hints)
        return Understood(
            form,
            csv.blocks,
            csv.findings,
            csv.encoding,
            lambda: csv.dialect,
            lambda: csv.header,
            lambda: csv.schema,
        )
    records = RecordSource(source, form, contract, _encoding(head, options, hints), hints.keys)
    doubt = None if form == "parquet" else encoding_doubt(options, head)
    return Understood(
        form,
        records.blocks,
        lambda: [*([doubt] if doubt else []), *records.findings()],
        records.encoding,
        header=records.header,
        schema=records.schema,
    )


def _encoding(head: bytes, options: ReadOptions, hints: Hints) -> Encoding:
    if options.encoding is not None:
        return given_encoding(options.encoding, head)
    return hints.encoding or detect_encoding(head)


def _land(
    known: Understood, source: SourceRef, contract: Contract, store: ArtifactStore, on_progress: Progress | None
) -> LandedFile:
    paths = LandedPaths(*(store.scratch(".parquet") for _ in LandedPaths._fields))
    try:
        tally = write_blocks(
            known.blocks(),
            lambda tally: _schema(known, contract, tally),
            source,
            paths=paths,
            on_progress=on_progress,
        )
        fault = _fault(tally, contract)
        findings = _findings(tally, contract)
        if fault is not None:
            return _dead_file(known, source, store, fault, tally.rows, findings)
        landed, dead, miscast = (_kept(path, store) for path in paths)
        done = _outcome(known, source, tally.rows, landed=landed, dead=dead, findings=findings)
        return done.model_copy(update={"miscast": miscast})
    finally:
        paths.remove()


def _schema(known: Understood, contract: Contract, tally: Tally) -> pl.Schema:
    """The landed columns, without those that were kept ready for texts that did not come."""
    unused = {text_column(name) for name in contract.columns if (RETYPED, name) not in tally.noted}
    wanted = known.schema().items()
    return pl.Schema({name: kind for name, kind in wanted if name in contract.columns or name not in unused})


def _fault(tally: Tally, contract: Contract) -> FileError | None:
    """Why a file that could be read is not landed after all."""
    records = tally.landed + tally.dead
    if not records:
        return FileError("header_only", "the file holds no records")
    retyped = retyped_fault(tally.noted, contract)
    if retyped is not None:
        return FileError("wrong_schema", retyped)
    if tally.dead > contract.limits.file_rejected_share * records:
        share = contract.limits.file_rejected_share
        message = f"{tally.dead} of {records} records were rejected, more than limits.file_rejected_share ({share:g})"
        return FileError("too_many_rejects", message)
    most = contract.limits.file_rejected_rows
    if most is not None and tally.dead > most:
        message = f"{tally.dead} records were rejected, more than limits.file_rejected_rows ({most})"
        return FileError("too_many_rejects", message)
    return None


def _findings(tally: Tally, contract: Contract) -> tuple[Finding, ...]:
    found = drift_findings(tally.noted, contract, tally.landed + tally.dead)
    if tally.blanks_stripped:
        message = "numbers or dates were read without the blanks around them"
        found.append(Finding(code="blanks_stripped", message=message, count=tally.blanks_stripped))
    return tuple(found)


def _dead_file(  # noqa: PLR0917 - what is known, and what is wrong
    known: Understood,
    source: SourceRef,
    store: ArtifactStore,
    fault: FileError | SourceError,
    rows: FileRows,
    findings: tuple[Finding, ...] = (),
) -> LandedFile:
    """A file as one dead letter that stands for all its records."""
    records = rows.read - rows.blank
    said = Finding(code=fault.code, message=f"the file is one dead letter: {fault.message}")
    letter = file_letter(fault.code, fault.message, records).with_columns(
        pl.lit(source.uri).alias("file"), pl.lit(source.digest).alias("file_digest")
    )
    dead = store.put(".parquet", lambda path: letter.select(LETTER_SCHEMA.names()).write_parquet(path))
    rows = FileRows(read=rows.read, dead=records, blank=rows.blank)
    return _outcome(known, source, rows, dead=dead.model_copy(update={"rows": 1}), findings=(said, *findings))


def _outcome(
    known: Understood,
    source: SourceRef,
    rows: FileRows,
    *,
    landed: ArtifactRef | None = None,
    dead: ArtifactRef | None = None,
    findings: tuple[Finding, ...] = (),
) -> LandedFile:
    if rows.read != rows.landed + rows.dead + rows.blank:
        raise AssertionError(f"{source.uri}: the balance does not close: {rows}")
    return LandedFile(
        source=source,
        file_format=known.file_format,
        encoding=known.encoding.name if known.encoding else None,
        encoding_confidence=known.encoding.confidence if known.encoding else None,
        dialect=known.dialect(),
        header=known.header(),
        rows=rows,
        landed=landed,
        dead_letters=dead,
        findings=(*known.findings(), *findings),
    )


def _kept(written: Path, store: ArtifactStore) -> ArtifactRef | None:
    """What was written, in the store."""
    if not written.exists():
        return None
    rows = pl.scan_parquet(written).select(pl.len()).collect().item()

    def move(path: Path) -> int:
        written.replace(path)
        return int(rows)

    return store.put(".parquet", move)
