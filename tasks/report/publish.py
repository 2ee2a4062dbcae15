"""Write a run's folder: the page, the tables, the Data Docs and the summary."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.models import Analysis, LandedFile, RunSummary, ValidatedBatch
from tasks.report.csv_files import write_csv
from tasks.report.facts import DeadLetterDigest, Figures, RunFacts
from tasks.report.letter_tables import letter_tables
from tasks.report.numbers import Numbers
from tasks.report.page import Results, view_page
from tasks.report.page_gate import DATA_DOCS
from tasks.report.render import render_page
from tasks.report.summary import REPORT_NAME, summarize
from tasks.report.writing import copy_whole, write_text_whole, write_whole

TABLES = "tables"


def publish_report(  # noqa: PLR0917  (what the stages made, in their order)
    run: RunFacts,
    landed: Sequence[LandedFile],
    batch: ValidatedBatch | None,
    analysis: Analysis | None,
    figures: Figures | None,
    letters: DeadLetterDigest,
    contract: Contract,
    store: ArtifactStore,
    run_dir: Path,
    *,
    templates_dir: Path | None = None,
) -> RunSummary:
    """Write `report.html`, `summary.json`, a CSV of every table and the Data Docs; each is there whole or not at all.

    A run that was stopped has no analysis, one that failed early no batch: the report then says what is known.

    Args:
        run: the run as the flow knows it.
        landed: what ingest made of each file, as far as it came.
        batch: what the gate made of the batch.
        analysis: the result tables.
        figures: their plots.
        letters: the dead letters, counted and sampled.
        contract: the dataset's contract.
        store: where tables, plots and Data Docs lie.
        run_dir: the folder to write into; made where it is missing.
        templates_dir: templates of a team's own, which take the place of those of the same name.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    tables = _tables(analysis, letters, store)
    paths = {name: f"{TABLES}/{name}.csv" for name in tables}
    for name, table in tables.items():
        write_whole(run_dir / paths[name], functools.partial(write_csv, table))
    if batch and batch.gate.data_docs:
        copy_whole(store.path(batch.gate.data_docs), run_dir / DATA_DOCS)
    summary = summarize(run, landed, batch, letters, paths)
    results = Results(landed, batch, analysis, figures, letters)
    page = view_page(run, results, summary, contract=contract, store=store, numbers=Numbers())
    write_text_whole(run_dir / REPORT_NAME, render_page(page, Numbers(), templates_dir))
    write_text_whole(run_dir / "summary.json", summary.model_dump_json(indent=2) + "\n")
    return summary


def _tables(analysis: Analysis | None, letters: DeadLetterDigest, store: ArtifactStore) -> dict[str, pl.LazyFrame]:
    results = analysis.tables if analysis else {}
    return {name: pl.scan_parquet(store.path(ref)) for name, ref in results.items()} | letter_tables(letters)
