"""All that the report's templates print, worked out beforehand: texts, numbers as text, paths of the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
from markupsafe import Markup

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.models import Analysis, LandedFile, RunSummary, ValidatedBatch
from tasks.report.cards import Card, cards
from tasks.report.catalog import AS_CARDS, OTHER, OTHER_ROWS, PARTS, Part, table_text
from tasks.report.changes import ChangesView
from tasks.report.facts import DeadLetterDigest, Figure, Figures, RunFacts
from tasks.report.flow_picture import FlowPicture, flow_picture
from tasks.report.numbers import Numbers
from tasks.report.page_files import FilesView, view_files
from tasks.report.page_gate import GateView, view_gate
from tasks.report.page_letters import LettersView, view_letters
from tasks.report.page_verdict import Balance, VerdictView, view_balance, view_verdict
from tasks.report.tables import TableView, view_table
from tasks.report.words import Words, words_of


class FigureView(NamedTuple):
    """A plot with its SVG, which is the pipeline's own and goes into the page as it is."""

    title: str
    how: str
    is_full: bool
    wide: Markup
    narrow: Markup | None


class PartView(NamedTuple):
    """A section of the analysis."""

    id: str
    title: str
    intro: str
    figures: tuple[FigureView, ...]
    tables: tuple[TableView, ...]


class Page(NamedTuple):
    """Everything on the page."""

    title: str
    when: str
    run: RunFacts
    verdict: VerdictView
    balance: Balance
    flow: FlowPicture
    changes: ChangesView | None
    cards: list[Card]
    parts: list[PartView]
    gate: GateView
    letters: LettersView
    files: FilesView
    manifest: list[tuple[str, str]]


class Results(NamedTuple):
    """What the stages made, as far as the run came."""

    landed: Sequence[LandedFile]
    batch: ValidatedBatch | None
    analysis: Analysis | None
    figures: Figures | None
    letters: DeadLetterDigest
    changes: ChangesView | None


def view_page(
    run: RunFacts, results: Results, summary: RunSummary, *, contract: Contract, store: ArtifactStore, numbers: Numbers
) -> Page:
    """Work out the page."""
    words = words_of(contract)
    tables = {} if results.analysis is None else _scan(results.analysis, store)
    shown = tables if summary.rows.accepted else {}
    stages = results.letters.by_stage
    return Page(
        title=contract.dataset.replace("_", " ").capitalize(),
        when=f"{numbers.moment(run.started_at.replace(microsecond=0))}, took {numbers.duration(_seconds(run))}",
        run=run.model_copy(update={"status": summary.status}),
        verdict=view_verdict(run.model_copy(update={"status": summary.status}), summary, numbers),
        balance=view_balance(summary.rows, numbers),
        flow=flow_picture(summary.rows, stages),
        changes=results.changes,
        cards=_cards(tables, words, numbers),
        parts=_parts(shown, summary.tables, _figures(results.figures, store), words, numbers),
        gate=view_gate(results.batch, numbers),
        letters=view_letters(results.letters, summary.tables, numbers),
        files=view_files(summary.files, results.batch is not None, numbers),
        manifest=_manifest(run, numbers),
    )


def _scan(analysis: Analysis, store: ArtifactStore) -> dict[str, pl.LazyFrame]:
    return {name: pl.scan_parquet(store.path(ref)) for name, ref in analysis.tables.items()}


def _seconds(run: RunFacts) -> float:
    return (run.finished_at - run.started_at).total_seconds()


def _cards(tables: Mapping[str, pl.LazyFrame], words: Words, numbers: Numbers) -> list[Card]:
    if "batch_totals" not in tables:
        return []
    rows: list[dict[str, Any]] = tables["batch_totals"].head(1).collect().to_dicts()
    return cards(rows[0], words, numbers) if rows else []


def _parts(
    tables: Mapping[str, pl.LazyFrame],
    paths: Mapping[str, str],
    figures: Mapping[str, tuple[FigureView, ...]],
    words: Words,
    numbers: Numbers,
) -> list[PartView]:
    known = AS_CARDS | {name for part in PARTS for name, _ in part.tables}
    others = tuple((name, OTHER_ROWS) for name in sorted(tables) if name not in known)
    parts = []
    for part in (*PARTS, OTHER._replace(tables=others)):
        views = tuple(
            view_table(name, tables[name], table_text(name, words), numbers, csv=paths[name], rows=rows)
            for name, rows in part.tables
            if name in tables
        )
        pictures = figures.get(part.id, ())
        if views or pictures:
            parts.append(PartView(part.id, _title(part, words), part.intro, pictures, views))
    return parts


def _title(part: Part, words: Words) -> str:
    return part.title.format(entities=words.entities.capitalize())


def _figures(figures: Figures | None, store: ArtifactStore) -> dict[str, tuple[FigureView, ...]]:
    """The plots by section."""
    drawn: dict[str, tuple[FigureView, ...]] = {}
    for figure in figures.figures if figures else ():
        drawn[figure.section] = (*drawn.get(figure.section, ()), _figure(figure, store))
    return drawn


def _figure(figure: Figure, store: ArtifactStore) -> FigureView:
    wide = Markup(store.path(figure.wide).read_text(encoding="utf-8"))  # noqa: S704  (drawn by this pipeline, escaped there)
    narrow = Markup(store.path(figure.narrow).read_text(encoding="utf-8")) if figure.narrow else None  # noqa: S704
    return FigureView(figure.title, figure.how, figure.narrow is not None, wide, narrow)


def _manifest(run: RunFacts, numbers: Numbers) -> list[tuple[str, str]]:
    manifest = run.manifest
    stages = ", ".join(f"{stage} {numbers.duration(seconds)}" for stage, seconds in run.stage_seconds.items())
    return [
        ("Run", run.run_id),
        ("Started", numbers.moment(run.started_at.replace(microsecond=0))),
        ("Finished", numbers.moment(run.finished_at.replace(microsecond=0))),
        ("Time by stage", stages or "none was finished"),
        ("Engine", run.engine),
        ("Contract", manifest.contract_digest),
        ("Suite", manifest.suite_digest),
        *((f"Setting {name}", value) for name, value in sorted(manifest.settings.items())),
        *((f"Version of {name}", value) for name, value in sorted(manifest.versions.items())),
        ("Cache", "refused on purpose" if manifest.is_forced else "used where the content was the same"),
    ]
