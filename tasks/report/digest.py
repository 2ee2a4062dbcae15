"""Dead letters counted by stage, reason and file, with a small sample of each reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from expectations.contract import Contract
from tasks.models import LandedFile
from tasks.report.facts import DeadLetterDigest, FileCount, LetterSample, ReasonCount, SampleReason
from tasks.report.masking import LARGEST_RAW_BYTES, show_raw

_ROW = "__letter"
# Knuth's multiplicative hash spreads the sample over the file; the row in the low bits keeps it the same every time.
_SPREAD, _ROW_BITS = 2_654_435_761, 1 << 32


def digest_letters(
    paths: Sequence[Path], contract: Contract, sample_per_reason: int = 5, files: Sequence[LandedFile] = ()
) -> DeadLetterDigest:
    """Count and sample the dead letters of a run. Memory is bounded by the number of reasons, not of letters.

    Args:
        paths: dead-letter Parquet files (LETTER_SCHEMA).
        contract: says which columns are personal, and so masked in the samples.
        sample_per_reason: how many letters of each reason are shown.
        files: what ingest understood of the input; needed to find personal values in the lines of CSV files.
    """
    if not paths:
        return DeadLetterDigest()
    letters = pl.scan_parquet(list(paths), row_index_name=_ROW)
    by_file = _count(letters, "file", "stage").collect(engine="streaming")
    reasons = _count_reasons(letters, sample_per_reason).collect(engine="streaming")
    columns = _count_columns(letters).collect(engine="streaming")
    samples = _fetch(letters, reasons["sample"].explode().drop_nulls().unique().to_list())
    show = _Samples(samples, {file.source.uri: file for file in files}, contract)
    stages = by_file.group_by("stage").agg(pl.col("records").sum()).sort("stage")
    return DeadLetterDigest(
        letters=int(by_file["letters"].sum()),
        records=int(by_file["records"].sum()),
        by_stage={row["stage"]: row["records"] for row in stages.iter_rows(named=True)},
        by_reason=tuple(_reason(row, columns, show) for row in reasons.iter_rows(named=True)),
        by_file=tuple(FileCount(**row) for row in by_file.sort("file", "stage").iter_rows(named=True)),
    )


def _count(letters: pl.LazyFrame, *keys: str) -> pl.LazyFrame:
    return letters.group_by(*keys).agg(pl.len().alias("letters"), pl.col("records").sum())


def _failed_reasons(letters: pl.LazyFrame) -> pl.LazyFrame:
    """A row a reason: those left unknown because an earlier failure kept the rule from being checked are no reasons."""
    is_failed = pl.element().struct.field("status").eq_missing(pl.lit("unknown")).not_()
    failed = pl.col("reasons").list.eval(pl.element().filter(is_failed))
    return (
        letters.select(_ROW, "file", "stage", "records", failed)
        .explode("reasons")
        .filter(pl.col("reasons").is_not_null())
        .select(
            _ROW, "file", "stage", "records",
            pl.col("reasons").struct.field("code").fill_null("unknown"),
            pl.col("reasons").struct.field("column"),
        )
    )  # fmt: skip


def _count_reasons(letters: pl.LazyFrame, sample_per_reason: int) -> pl.LazyFrame:
    """`stage, code, letters, records, only, files, sample` (row numbers), the most frequent first."""
    by_letter = _failed_reasons(letters).unique([_ROW, "code"])
    codes = by_letter.group_by(_ROW).agg(pl.len().alias("codes"))
    order = (pl.col(_ROW).cast(pl.Int64) * _SPREAD % (1 << 31)) * _ROW_BITS + pl.col(_ROW)
    return (
        by_letter.join(codes, on=_ROW)
        .group_by("stage", "code")
        .agg(
            pl.len().alias("letters"),
            pl.col("records").sum(),
            (pl.col("codes") == 1).sum().alias("only"),
            pl.col("file").n_unique().alias("files"),
            (order.bottom_k(sample_per_reason) % _ROW_BITS).alias("sample"),
        )
        .sort(["records", "letters", "stage", "code"], descending=[True, True, False, False])
    )


def _count_columns(letters: pl.LazyFrame) -> pl.LazyFrame:
    """`stage, code, column, letters` for the reasons that name a column."""
    named = _failed_reasons(letters).filter(pl.col("column").is_not_null()).unique([_ROW, "code", "column"])
    return (
        named.group_by("stage", "code", "column")
        .agg(pl.len().alias("letters"))
        .sort(["letters", "column"], descending=[True, False])
    )


def _fetch(letters: pl.LazyFrame, rows: Sequence[int]) -> dict[int, dict[str, Any]]:
    raw = pl.col("raw")
    wanted = letters.filter(pl.col(_ROW).is_in(list(rows))).select(
        _ROW, "file", "line", "last_line", "reasons", raw.bin.head(LARGEST_RAW_BYTES), raw.bin.size().alias("raw_bytes")
    )
    return {row[_ROW]: row for row in wanted.collect(engine="streaming").iter_rows(named=True)}


class _Samples:
    """The sampled letters, and what it takes to show them."""

    def __init__(
        self, letters: Mapping[int, dict[str, Any]], files: Mapping[str, LandedFile], contract: Contract
    ) -> None:
        self._letters, self._files, self._contract = letters, files, contract

    def of(self, rows: Sequence[int]) -> list[LetterSample]:
        """The samples in the order of files and lines."""
        letters = sorted((self._letters[row] for row in rows), key=lambda letter: (letter["file"], letter["line"]))
        return [self._show(letter) for letter in letters]

    def _show(self, letter: Mapping[str, Any]) -> LetterSample:
        raw = show_raw(letter["raw"], letter["raw_bytes"], self._files.get(letter["file"]), self._contract)
        reasons = [
            SampleReason(code=reason["code"], column=reason["column"], message=reason["message"] or "")
            for reason in letter["reasons"]
            if reason["status"] != "unknown"
        ]
        return LetterSample(
            file=letter["file"],
            line=letter["line"],
            last_line=letter["last_line"],
            shown=raw.text,
            note=raw.note,
            reasons=tuple(reasons),
        )


def _reason(row: Mapping[str, Any], columns: pl.DataFrame, samples: _Samples) -> ReasonCount:
    shown = samples.of(row["sample"])
    messages = [reason.message for letter in shown for reason in letter.reasons if reason.code == row["code"]]
    named = columns.filter((pl.col("stage") == row["stage"]) & (pl.col("code") == row["code"]))
    return ReasonCount(
        stage=row["stage"],
        code=row["code"],
        message=messages[0] if messages else "",
        letters=row["letters"],
        records=row["records"],
        only=row["only"],
        columns=dict(zip(named["column"], named["letters"], strict=True)),
        files=row["files"],
        samples=tuple(shown),
    )
