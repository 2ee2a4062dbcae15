"""Validate one batch: drop duplicates, run the checkpoint, split the rows, decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import polars as pl

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LINE
from tasks.landed import as_landed, landed_schema
from tasks.models import ArtifactRef, GateResult, LandedFile, Rows, ValidatedBatch, ValidatedFile
from tasks.one_ahead import one_ahead
from tasks.spilled_parquet import spilled_rows
from tasks.validate.checkpoint import Checked, rejected_rows, run_checkpoint
from tasks.validate.duplicates import find_duplicates
from tasks.validate.frames import PART, scan_batch, without
from tasks.validate.letters import write_letters
from tasks.validate.miscast import completed_letters, scan_miscast
from tasks.validate.verdict import decide

_ROWS_AT_ONCE = 200_000


class _Dropped(NamedTuple):
    """Rows that do not go on, by `__part` and `__line`."""

    duplicate: pl.DataFrame
    rejected: pl.DataFrame


def validate_batch(
    landed: Sequence[LandedFile], contract: Contract, suite_text: str, store: ArtifactStore
) -> ValidatedBatch:
    """Put a batch through the gate.

    Args:
        landed: what ingest made of each file, dead files too.
        contract: the dataset's contract.
        suite_text: the dataset's expectation suite, as Great Expectations writes it.
        store: where landed Parquet lies, and where what comes out of the gate is put.

    Raises:
        UsageError: the suite is not one, or holds an expectation that cannot be checked.
        LostSourceError: rows of a file are rejected, and it is gone or not what landed: it has to go as a whole.
    """
    parts = [file for file in landed if file.landed is not None]
    paths = [store.path(file.landed) for file in parts if file.landed is not None]
    contract = as_landed(contract, paths)
    frame = scan_batch(paths, contract)
    duplicate, is_key_unique = find_duplicates(frame, contract)
    miscast = scan_miscast(parts, contract, store)
    known_unique = [contract.unique_key] if is_key_unique else []
    checked = run_checkpoint(without(frame, duplicate), miscast, contract, suite_text, store, known_unique=known_unique)
    try:
        letters = _keep_letters(checked, parts, store)
        completed = [_completed(checked, number, file, store) for number, file in enumerate(parts)]
        rejected = rejected_rows(checked).select(PART, LINE).collect(engine="streaming")
    finally:
        checked.remove()
    files = _split(landed, _Dropped(duplicate, rejected), completed, contract, store)
    rows = total_rows([file.rows for file in files])
    whole = {file.source.uri: file.rows for file in files if file.accepted is not None}
    dead_files = [_why_dead(file, store) for file in landed if file.landed is None]
    decision = decide(checked.outcomes, rows, whole, dead_files, contract.limits)
    gate = GateResult(
        verdict=decision.verdict, reasons=decision.reasons, rules=checked.outcomes, data_docs=checked.data_docs
    )
    return ValidatedBatch(files=files, rows=rows, gate=gate, dead_letters=letters)


def _why_dead(file: LandedFile, store: ArtifactStore) -> str:
    """What ingest says of a file that is one dead letter."""
    if file.dead_letters is None:
        return file.source.name
    said = pl.read_parquet(store.path(file.dead_letters))["reasons"].explode().struct.field("message")
    return f"{file.source.name}: {said[0]}"


def total_rows(files: Sequence[Rows]) -> Rows:
    """The balance of a run from those of its files."""
    return Rows(**{field: sum(getattr(rows, field) for rows in files) for field in Rows.model_fields})


def _keep_letters(checked: Checked, parts: Sequence[LandedFile], store: ArtifactStore) -> ArtifactRef:
    def write(path: Path) -> int:
        return write_letters(rejected_rows(checked), parts, checked.row_rules, path)

    return store.put(".parquet", write)


def _completed(checked: Checked, part: int, file: LandedFile, store: ArtifactStore) -> ArtifactRef | None:
    """A file's dead letters of ingest, with what the gate says of those that were read but do not cast."""
    if checked.miscast is None or file.miscast is None or file.dead_letters is None:
        return file.dead_letters
    judged = pl.scan_parquet(checked.miscast).filter(pl.col(PART) == part)
    return completed_letters(file.dead_letters, judged, checked.row_rules, store)


def _split(
    landed: Sequence[LandedFile],
    dropped: _Dropped,
    completed: Sequence[ArtifactRef | None],
    contract: Contract,
    store: ArtifactStore,
) -> tuple[ValidatedFile, ...]:
    files = []
    part = 0
    for file in landed:
        if file.landed is None:
            rows = _balanced(file, 0, 0, 0)
            files.append(ValidatedFile(source=file.source, rows=rows, dead_letters=file.dead_letters))
            continue
        duplicate, rejected = (rows.filter(pl.col(PART) == part)[LINE] for rows in dropped)
        accepted = _accept(file.landed, pl.concat([duplicate, rejected]), contract, store)
        rows = _balanced(file, accepted.rows or 0, duplicate.len(), rejected.len())
        done = ValidatedFile(source=file.source, rows=rows, accepted=accepted, dead_letters=completed[part])
        files.append(done)
        part += 1
    return tuple(files)


def _accept(landed: ArtifactRef, lines: pl.Series, contract: Contract, store: ArtifactStore) -> ArtifactRef:
    """The landed rows less those on some lines, in the columns of the batch.

    A part that loses no row and has these columns is accepted as it lies, without a copy.
    """
    schema = landed_schema(contract)
    if lines.is_empty() and pl.read_parquet_schema(store.path(landed)) == schema:
        return landed

    def write(path: Path) -> int:
        count = 0
        with closing(spilled_rows(path)) as whole:
            for kept in one_ahead(_kept(store.path(landed), landed.rows or 0, lines, schema)):
                whole.add(kept)
                count += kept.height
        if not count:
            pl.DataFrame(schema=schema).write_parquet(path)
        return count

    return store.put(".parquet", write)


def _kept(landed: Path, count: int, lines: pl.Series, schema: pl.Schema) -> Iterator[pl.DataFrame]:
    """The landed rows that are on none of some lines, in pieces."""
    none, drop = pl.LazyFrame(schema=schema), lines.to_frame().lazy()
    for at in range(0, count, _ROWS_AT_ONCE):
        piece = pl.concat([none, pl.scan_parquet(landed).slice(at, _ROWS_AT_ONCE)], how="diagonal")
        yield piece.select(schema.names()).join(drop, on=LINE, how="anti", maintain_order="left").collect()


def _balanced(file: LandedFile, accepted: int, duplicate: int, rejected: int) -> Rows:
    """The file's balance, accepted counted on its own rather than by difference.

    Raises:
        RuntimeError: it does not close: a fault in Sluice, never in the data.
    """
    rows = Rows(
        read=file.rows.read,
        accepted=accepted,
        dead=file.rows.dead + rejected,
        duplicate=duplicate,
        blank=file.rows.blank,
    )
    if not rows.is_balanced:
        raise RuntimeError(f"the row balance of {file.source.uri} does not close: {rows}; please report this fault")
    return rows
