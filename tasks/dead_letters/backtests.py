"""A batch as it was accepted beside the same batch under other demands: rows newly rejected, rows newly released."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import polars as pl

from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LETTER_SCHEMA, LINE
from tasks.models import ArtifactRef, Frozen, LandedFile, Rows, SourceRef, ValidatedBatch

_SAMPLE = 3  # rows shown of each reason and file
_PLACE = ["file_digest", "line"]
Show = Callable[[SourceRef, bytes | None], str]


class Judged(NamedTuple):
    """A batch, landed and gated."""

    landed: Sequence[LandedFile]
    batch: ValidatedBatch


class Moved(Frozen):
    """Rows of one file that moved for one reason."""

    code: str
    column: str | None
    message: str
    file: str
    rows: int
    sample: tuple[str, ...]  # masked


class BatchBacktest(Frozen):
    """One past batch. A row with two reasons counts under both in `rejected_by` and `released_by`."""

    run_id: str
    verdict_before: str
    verdict_after: str
    rows_before: Rows
    rows_after: Rows
    rejected: int
    released: int
    rejected_by: tuple[Moved, ...]
    released_by: tuple[Moved, ...]


def compare_batches(run_id: str, before: Judged, after: Judged, store: ArtifactStore, show: Show) -> BatchBacktest:
    """Hold a batch against itself under other demands.

    Args:
        run_id: the run it was accepted by.
        before: as it was.
        after: as it would be.
        store: where the artifacts are.
        show: raw text of a record, fit to be shown.
    """
    old, new = _accepted(before.batch, store), _accepted(after.batch, store)
    lost = old.join(new, on=_PLACE, how="anti")
    won = new.join(old, on=_PLACE, how="anti")
    rejected, released = _letters(after, lost, store), _letters(before, won, store)
    sources = {file.source.digest: file.source for file in before.landed}
    return BatchBacktest(
        run_id=run_id,
        verdict_before=before.batch.gate.verdict.value,
        verdict_after=after.batch.gate.verdict.value,
        rows_before=before.batch.rows,
        rows_after=after.batch.rows,
        rejected=rejected.height,
        released=won.collect(engine="streaming").height,
        rejected_by=tuple(_by_reason(rejected, sources, show)),
        released_by=tuple(_by_reason(released, sources, show)),
    )


def _accepted(batch: ValidatedBatch, store: ArtifactStore) -> pl.LazyFrame:
    """`file_digest` and `line` of the accepted rows."""
    parts = [
        pl.scan_parquet(store.path(file.accepted)).select(
            pl.lit(file.source.digest).alias("file_digest"), pl.col(LINE).alias("line")
        )
        for file in batch.files
        if file.accepted is not None
    ]
    return pl.concat([pl.LazyFrame(schema={"file_digest": pl.String, "line": pl.Int64}), *parts])


def _letters(judged: Judged, places: pl.LazyFrame, store: ArtifactStore) -> pl.DataFrame:
    """The dead letters on some places, ingest's and the gate's."""
    refs: Iterable[ArtifactRef | None] = [*(file.dead_letters for file in judged.landed), judged.batch.dead_letters]
    scans = [pl.scan_parquet(store.path(ref)) for ref in refs if ref is not None]
    letters = pl.concat([pl.LazyFrame(schema=LETTER_SCHEMA), *scans])
    return letters.join(places, on=_PLACE, how="semi").unique(_PLACE).sort(_PLACE).collect(engine="streaming")


def _by_reason(letters: pl.DataFrame, sources: dict[str, SourceRef], show: Show) -> list[Moved]:
    reason = pl.col("reasons").struct
    keys = ["file_digest", "code", "column", "message"]
    counted = (
        letters.select("file_digest", "line", "raw", "reasons")
        .explode("reasons")
        .filter(reason.field("status").ne_missing("unknown"), reason.field("severity").ne_missing("info"))
        .with_columns(reason.field("code"), reason.field("column"), reason.field("message").fill_null(""))
        .group_by(keys, maintain_order=True)
        .agg(pl.len().alias("rows"), pl.col("raw").head(_SAMPLE))
        .sort(["rows", *keys], descending=[True, *(False for _ in keys)])
    )
    return [_moved(row, sources[row["file_digest"]], show) for row in counted.iter_rows(named=True)]


def _moved(row: dict[str, object], source: SourceRef, show: Show) -> Moved:
    raws = row["raw"]
    assert isinstance(raws, list)
    shown = tuple(show(source, raw) for raw in raws)
    known = {name: row[name] for name in ("code", "column", "message", "rows")}
    return Moved.model_validate(known | {"file": source.name, "sample": shown})
