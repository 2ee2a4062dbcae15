"""The dead letters' counts and samples as tables, for those who want them as CSV."""

from __future__ import annotations

import polars as pl

from tasks.report.facts import DeadLetterDigest
from tasks.report.page_letters import REASONS_TABLE, SAMPLES_TABLE

_REASONS = {
    "stage": pl.String,
    "code": pl.String,
    "message": pl.String,
    "letters": pl.Int64,
    "records": pl.Int64,
    "only_reason": pl.Int64,
    "files": pl.Int64,
    "columns": pl.String,
}
_SAMPLES = {
    "stage": pl.String,
    "code": pl.String,
    "file": pl.String,
    "line": pl.Int64,
    "last_line": pl.Int64,
    "all_codes": pl.String,
    "raw": pl.String,
    "note": pl.String,
}


def letter_tables(letters: DeadLetterDigest) -> dict[str, pl.LazyFrame]:
    """`dead_letters_by_reason` and `dead_letters_sample`, personal values masked as in the report; none if none."""
    if not letters.letters:
        return {}
    reasons = [
        (one.stage, one.code, one.message, one.letters, one.records, one.only, one.files, " ".join(one.columns))
        for one in letters.by_reason
    ]
    samples = [
        (
            one.stage, one.code, sample.file, sample.line, sample.last_line,
            " ".join(dict.fromkeys(reason.code for reason in sample.reasons)), sample.shown, sample.note,
        )
        for one in letters.by_reason
        for sample in one.samples
    ]  # fmt: skip
    return {
        REASONS_TABLE: pl.LazyFrame(reasons, schema=_REASONS, orient="row"),
        SAMPLES_TABLE: pl.LazyFrame(samples, schema=_SAMPLES, orient="row"),
    }
