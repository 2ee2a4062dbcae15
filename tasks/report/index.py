"""`index.html` over all runs in a results folder: the latest first, each with its verdict and balance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tasks.history.models import RunMeasures
from tasks.report.changes import spark_path
from tasks.report.numbers import Numbers
from tasks.report.page_verdict import WORDS
from tasks.report.render import render_index
from tasks.report.summary import REPORT_NAME
from tasks.report.text import shown
from tasks.whole_files import write_text_whole

INDEX_NAME = "index.html"
MOST_RUNS = 200
_SPARK_RUNS = 30


class RunLine(NamedTuple):
    """One run."""

    run_id: str
    link: str
    dataset: str
    status: str
    word: str
    started: str
    read: str
    accepted: str
    dead: str
    dead_share: str
    took: str


class DatasetLine(NamedTuple):
    """One dataset, with how its runs went."""

    name: str
    runs: int
    last: RunLine
    spark: str  # accepted rows of the runs that were let through, the oldest first


class IndexPage(NamedTuple):
    """The page over all runs."""

    datasets: tuple[DatasetLine, ...]
    runs: tuple[RunLine, ...]


def write_index(runs: Sequence[RunMeasures], results_dir: Path, templates_dir: Path | None = None) -> Path:
    """Write the page over all runs, whole or not at all.

    Args:
        runs: the latest runs, the latest first (`RunHistory.all`). Those without a report in the folder are left out.
        results_dir: where the runs' folders are.
        templates_dir: templates of a team's own.
    """
    numbers = Numbers()
    here = [run for run in runs if (results_dir / run.run_id / REPORT_NAME).is_file()]
    lines = [_line(run, numbers) for run in here]
    names = dict.fromkeys(run.dataset for run in here)
    datasets = tuple(_dataset(name, here, lines) for name in sorted(names))
    path = results_dir / INDEX_NAME
    write_text_whole(path, render_index(IndexPage(datasets, tuple(lines)), numbers, templates_dir))
    return path


def _line(run: RunMeasures, numbers: Numbers) -> RunLine:
    rows = run.rows
    return RunLine(
        run_id=run.run_id,
        link=f"{run.run_id}/{REPORT_NAME}",
        dataset=shown(run.dataset),
        status=run.status,
        word=WORDS[run.status],
        started=numbers.moment(run.started_at.replace(microsecond=0)),
        read=numbers.whole(rows.read),
        accepted=numbers.whole(rows.accepted),
        dead=numbers.whole(rows.dead),
        dead_share=numbers.share(rows.dead / rows.read) if rows.read else "",
        took=numbers.duration((run.finished_at - run.started_at).total_seconds()),
    )


def _dataset(name: str, runs: Sequence[RunMeasures], lines: Sequence[RunLine]) -> DatasetLine:
    own = [(run, line) for run, line in zip(runs, lines, strict=True) if run.dataset == name]
    accepted = [float(run.rows.accepted) for run, _ in own if run.was_let_through][:_SPARK_RUNS][::-1]
    return DatasetLine(shown(name), len(own), own[0][1], spark_path(accepted) if len(accepted) > 1 else "")
