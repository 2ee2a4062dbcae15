"""Rows with values that do not cast: dead letters already, asked all the same which rules of the gate they fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow.parquet as pq

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LETTER_SCHEMA, LINE
from tasks.landed import landed_schema
from tasks.models import ArtifactRef, LandedFile
from tasks.validate.frames import PART, scan_part
from tasks.validate.letters import rule_table

if TYPE_CHECKING:
    from expectations.polars_engine import RowRule

UNREAD = "__unread"  # the columns of which a row's value does not cast
_LETTERS_AT_ONCE = 100_000


def scan_miscast(parts: Sequence[LandedFile], contract: Contract, store: ArtifactStore) -> pl.LazyFrame | None:
    """The batch's miscast rows, with `__part` and `__unread`; None where there are none."""
    frames = []
    for number, file in enumerate(parts):
        if file.miscast is not None and file.dead_letters is not None:
            columns = pl.col("reasons").list.eval(pl.element().struct.field("column").drop_nulls())
            letters = pl.scan_parquet(store.path(file.dead_letters)).select("line", columns.alias(UNREAD))
            rows = scan_part(store.path(file.miscast), number)
            frames.append(rows.join(letters, left_on=LINE, right_on="line", how="inner"))
    if not frames:
        return None
    schema = landed_schema(contract)
    schema |= {PART: pl.UInt32(), UNREAD: pl.List(pl.String)}
    return pl.concat([pl.LazyFrame(schema=schema), *frames], how="diagonal").select(schema.names())


def completed_letters(
    letters: ArtifactRef, judged: pl.LazyFrame, rules: Sequence[RowRule], store: ArtifactStore
) -> ArtifactRef:
    """The dead letters of a file, those of miscast rows with what the gate's rules say of them after their own reasons.

    Args:
        letters: as ingest wrote them, in order of their lines.
        judged: the file's miscast rows as `__line`, `failed` and `unknown` (indices of the rules).
        rules: the row rules, in the order of the suite.
        store: where letters are kept.
    """

    def write(path: Path) -> int:
        written = 0
        with pq.ParquetWriter(path, LETTER_SCHEMA.to_frame().to_arrow().schema, compression="zstd") as writer:
            for some in _pieces(store.path(letters)):
                lines = pl.col(LINE).is_between(some["line"].min(), some["line"].max())
                found = _reasons(judged.filter(lines).collect(engine="streaming"), rules)
                joined = some.join(found, left_on="line", right_on=LINE, how="left", maintain_order="left")
                more = pl.col("more").fill_null(pl.lit([], dtype=LETTER_SCHEMA["reasons"]))
                whole = joined.with_columns(pl.concat_list("reasons", more).alias("reasons"))
                writer.write_table(whole.match_to_schema(LETTER_SCHEMA, extra_columns="ignore").to_arrow())
                written += some.height
        return written

    return store.put(".parquet", write)


def _pieces(path: Path) -> Iterator[pl.DataFrame]:
    for batch in pq.ParquetFile(path).iter_batches(_LETTERS_AT_ONCE):
        yield pl.DataFrame(batch)


def _reasons(judged: pl.DataFrame, rules: Sequence[RowRule]) -> pl.DataFrame:
    """`__line` and `more`: for each row the rules it fails and those that cannot be told, in the order of the suite."""
    by_status = [
        judged.select(LINE, pl.col(status).alias("index")).explode("index").drop_nulls().join(table, on="index")
        for status, table in ((status, rule_table(rules, status)) for status in ("failed", "unknown"))
    ]
    ordered = pl.concat(by_status).sort(LINE, "index")
    return ordered.group_by(LINE, maintain_order=True).agg(pl.col("reason").alias("more"))
