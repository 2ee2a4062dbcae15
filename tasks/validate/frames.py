"""Landed Parquet as lazy frames in which every row knows where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.landed import landed_schema

PART = "__part"  # which of the batch's landed files, from 0
ROW_KEYS = (PART, LINE, SPAN)


def scan_batch(parts: Sequence[Path], contract: Contract) -> pl.LazyFrame:
    """All landed files as one frame, with a `__part` column; an empty one where nothing was landed."""
    if not parts:
        return pl.LazyFrame(schema={**landed_schema(contract), PART: pl.UInt32})
    frames = [scan_part(path, number) for number, path in enumerate(parts)]
    return pl.concat(frames, how="diagonal")


def scan_part(path: Path, number: int) -> pl.LazyFrame:
    """One landed file, its rows marked with the file's number."""
    return pl.scan_parquet(path).with_columns(pl.lit(number, dtype=pl.UInt32).alias(PART))


def without(frame: pl.LazyFrame, rows: pl.DataFrame) -> pl.LazyFrame:
    """The frame less the rows that `rows` names by `__part` and `__line`."""
    if rows.is_empty():
        return frame
    return frame.join(rows.lazy().select(PART, LINE), on=[PART, LINE], how="anti", maintain_order="left")
