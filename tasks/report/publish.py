"""Write a run's folder: the page, the tables, the Data Docs and the summary."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.history.models import RunMeasures
from tasks.models import Analysis, LandedFile, RunSummary, ValidatedBatch
from tasks.report.comparing import compare_with_past
from tasks.report.csv_files import write_csv
from tasks.report.facts import DeadLetterDigest, Figures, RunFacts
from tasks.report.languages import numbers_for
from tasks.report.letter_tables import letter_tables
from tasks.report.page import Results, view_page
from tasks.report.page_gate import DATA_DOCS
from tasks.report.render import render_markdown, render_page
from tasks.report.summary import REPORT_NAME, summarize
from tasks.whole_files import copy_whole, write_text_whole, write_whole

TABLES = "tables"
PUBLISH = "publish"  # what this does, among the peaks of memory of the stages


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
    past: Sequence[RunMeasures] | None = None,
    templates_dir: Path | None = None,
    peak_memory_bytes: Callable[[], int | None] = lambda: None,
) -> RunSummary:
    """Write the report, as HTML and Markdown, `summary.json`, every table as CSV and Parquet, and the Data Docs.

    Each of them is there whole or not at all. A run that was stopped has no analysis, one that failed early no batch:
    the report then says what is known.

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
        past: earlier runs of the dataset (`RunHistory.past`); None where they are not to be had.
        templates_dir: templates of a team's own, which take the place of those of the same name.
        peak_memory_bytes: asked when all but `summary.json` is written; None where it cannot be told.

    Returns:
        The summary; its status is the run's, or a graver one where the contract makes drift count.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    paths = _write_tables(_tables(analysis, letters, store), run_dir)
    if batch and batch.gate.data_docs:
        copy_whole(store.path(batch.gate.data_docs), run_dir / DATA_DOCS)
    numbers = numbers_for(contract.display)
    summary, changes = compare_with_past(
        summarize(run, landed, batch, letters, paths), analysis, past, contract=contract, store=store, numbers=numbers
    )
    results = Results(landed, batch, analysis, figures, letters, changes)
    page = view_page(run, results, summary, contract=contract, store=store, numbers=numbers)
    write_text_whole(run_dir / REPORT_NAME, render_page(page, numbers, templates_dir))
    write_text_whole(run_dir / "report.md", render_markdown(page, numbers, templates_dir))
    peak = peak_memory_bytes()
    if peak is not None:
        summary = summary.model_copy(
            update={"stage_peak_memory_bytes": summary.stage_peak_memory_bytes | {PUBLISH: peak}}
        )
    write_text_whole(run_dir / "summary.json", summary.model_dump_json(indent=2) + "\n")
    return summary


def _write_tables(tables: Mapping[str, pl.LazyFrame], run_dir: Path) -> dict[str, str]:
    """Write each table, as CSV and Parquet.

    Returns:
        Where the CSV of each is, in the run's folder.
    """
    paths = {name: f"{TABLES}/{name}.csv" for name in tables}
    for name, table in tables.items():
        write_whole(run_dir / paths[name], functools.partial(write_csv, table))
        write_whole((run_dir / paths[name]).with_suffix(".parquet"), table.sink_parquet)
    return paths


def _tables(analysis: Analysis | None, letters: DeadLetterDigest, store: ArtifactStore) -> dict[str, pl.LazyFrame]:
    results = analysis.tables if analysis else {}
    return {name: pl.scan_parquet(store.path(ref)) for name, ref in results.items()} | letter_tables(letters)
