"""Rows that the gate rejects, as dead letters: their raw text fetched from the source, all their reasons beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow.parquet as pq

from tasks.dead_letters.letter import LETTER_SCHEMA, LINE, REASON, SPAN
from tasks.models import LandedFile, Stage
from tasks.sources import LostSourceError, SourceError, fetch_raw_in_turn
from tasks.validate.frames import PART

if TYPE_CHECKING:
    from expectations.polars_engine import RowRule

_ROWS_AT_ONCE = 200_000  # raw text of so many rows is held in memory


def write_letters(rejected: pl.LazyFrame, landed: Sequence[LandedFile], rules: Sequence[RowRule], target: Path) -> int:
    """Write the dead letters of the rejected rows as Parquet.

    Args:
        rejected: `__part`, `__line`, `__span` and `failed`, the indices of the rules each row fails.
        landed: the files that `__part` counts.
        rules: the row-level rules that the indices mean.
        target: where to write, in LETTER_SCHEMA.

    Returns:
        How many letters were written.

    Raises:
        LostSourceError: a file is gone, or is not what landed.
    """
    written = 0
    with pq.ParquetWriter(target, LETTER_SCHEMA.to_frame().to_arrow().schema, compression="zstd") as writer:
        for part, file in enumerate(landed):
            slices = _slices(rejected.filter(pl.col(PART) == part))
            for rows, raw in zip(slices, _raw(slices, file), strict=True):
                letters = _letters(rows, raw, file, rules)
                writer.write_table(letters.to_arrow())
                written += letters.height
    return written


def _slices(rows: pl.LazyFrame) -> list[pl.DataFrame]:
    wanted = rows.select(LINE, SPAN, "failed").sort(LINE).collect(engine="streaming")
    return list(wanted.iter_slices(_ROWS_AT_ONCE))


def _raw(slices: Sequence[pl.DataFrame], file: LandedFile) -> Iterator[pl.DataFrame]:
    wanted = [rows.select(pl.col(LINE).alias("line"), pl.col(SPAN).alias("span")) for rows in slices]
    line_end = file.dialect.line_end if file.dialect else "\n"
    try:
        yield from fetch_raw_in_turn(file.source, wanted, file.file_format, file.encoding, line_end)
    except SourceError as error:
        raise LostSourceError(error.code, error.message, file.source.uri) from error


def _letters(rows: pl.DataFrame, raw: pl.DataFrame, file: LandedFile, rules: Sequence[RowRule]) -> pl.DataFrame:
    letters = (
        rows.join(_reasons(rows, rules), on=LINE, how="left")
        .join(raw, left_on=LINE, right_on="line", how="left")
        .select(
            pl.lit(file.source.uri).alias("file"),
            pl.lit(file.source.digest).alias("file_digest"),
            pl.col(LINE).alias("line"),
            (pl.col(LINE) + pl.col(SPAN).cast(pl.Int64) - 1).alias("last_line"),
            "byte_offset",
            pl.lit(1, dtype=pl.Int64).alias("records"),
            "raw",
            pl.lit(Stage.GATE.value).alias("stage"),
            "reasons",
        )
        .sort("line")
    )
    return letters.match_to_schema(LETTER_SCHEMA)


def _reasons(rows: pl.DataFrame, rules: Sequence[RowRule]) -> pl.DataFrame:
    """`__line` and `reasons`: for each row, the rules it fails in the order of the suite."""
    return (
        rows.select(LINE, pl.col("failed").alias("index"))
        .explode("index")
        .join(rule_table(rules), on="index", how="left")
        .sort(LINE, "index")
        .group_by(LINE, maintain_order=True)
        .agg(pl.col("reason").alias("reasons"))
    )


def rule_table(rules: Sequence[RowRule], status: str = "failed") -> pl.DataFrame:
    """`index` and `reason`: what a rule is among the reasons of a dead letter that fails it, or cannot be asked."""
    reasons = [
        {
            "code": rule.code,
            "rule_id": rule.expectation_id,
            "column": rule.columns[0] if len(rule.columns) == 1 else None,
            "severity": rule.severity,
            "status": status,
            "message": rule.sentence,
        }
        for rule in rules
    ]
    return pl.DataFrame(
        {"index": [rule.index for rule in rules], "reason": reasons},
        schema={"index": pl.UInt16, "reason": REASON},
    )
