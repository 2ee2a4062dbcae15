"""The newest run of each dataset as Prometheus text: `python -m flows.metrics [--output FILE]`.

Reads the `summary.json` of the runs; no service has to run. The text goes to standard output, or into a file that
node_exporter's textfile collector reads.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from expectations.errors import UsageError
from flows.finish import WENT_THROUGH, WRONG_USAGE, read_summary
from tasks.models import RunSummary
from tasks.settings import load_settings

_STATUSES = ("passed", "warned", "stopped", "failed")
_LABEL_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
Sample = tuple[dict[str, str], float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the metrics, or write them. Exit codes: 0 done, 2 a wrong call or config."""
    parser = argparse.ArgumentParser(prog="python -m flows.metrics", description=__doc__.partition("\n")[0])
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default config/pipeline.yaml")
    parser.add_argument("--results-dir", metavar="DIR", help="where the runs' folders are")
    parser.add_argument("--output", type=Path, metavar="FILE", help="written whole or not at all; default: printed")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(options.config, {"results_dir": options.results_dir})
    except UsageError as error:
        print(f"metrics: {error}", file=sys.stderr)
        return WRONG_USAGE
    text = prometheus_text(newest_runs(settings.results_dir))
    if options.output is None:
        print(text, end="")
    else:
        _write(options.output, text)
    return WENT_THROUGH


def newest_runs(results_dir: Path) -> list[RunSummary]:
    """The newest run of each dataset, by the dataset's name. A summary that cannot be read is passed over."""
    newest: dict[str, RunSummary] = {}
    for path in results_dir.glob("*/summary.json"):
        try:
            summary = read_summary(path.parent)
        except (OSError, ValidationError):
            continue
        before = newest.get(summary.dataset)
        if before is None or before.started_at < summary.started_at:
            newest[summary.dataset] = summary
    return [newest[dataset] for dataset in sorted(newest)]


def prometheus_text(runs: Iterable[RunSummary]) -> str:
    """The runs in Prometheus' text format."""
    summaries = list(runs)
    lines: list[str] = []
    for name, said, samples in _metrics(summaries):
        lines += [f"# HELP {name} {said}", f"# TYPE {name} gauge"]
        lines += [f"{name}{{{_labels(labels)}}} {value!r}" for labels, value in samples]
    return "\n".join([*lines, ""])


def _metrics(runs: Sequence[RunSummary]) -> Iterator[tuple[str, str, list[Sample]]]:
    yield (
        "sluice_run_status",
        "1 for the status the newest run has",
        [
            ({"dataset": run.dataset, "status": status}, float(run.status == status))
            for run in runs
            for status in _STATUSES
        ],
    )
    yield (
        "sluice_run_rows",
        "Records of the newest run, by what became of them",
        [
            ({"dataset": run.dataset, "became": became}, float(count))
            for run in runs
            for became, count in run.rows.model_dump().items()
        ],
    )
    yield (
        "sluice_run_dead_letters",
        "Dead records of the newest run, by reason",
        [
            ({"dataset": run.dataset, "reason": reason}, float(count))
            for run in runs
            for reason, count in run.dead_by_reason.items()
        ],
    )
    yield _of_stages("sluice_stage_seconds", "Seconds each stage of the newest run took", runs, "stage_seconds")
    yield _of_stages("sluice_stage_rows", "Records each stage of the newest run worked on", runs, "stage_rows")
    yield _of_stages("sluice_stage_bytes", "Bytes they lay in", runs, "stage_bytes")
    yield _of_stages(
        "sluice_stage_peak_memory_bytes", "Most memory resident in each stage", runs, "stage_peak_memory_bytes"
    )
    yield (
        "sluice_run_files",
        "Files of the newest run",
        [({"dataset": run.dataset}, float(len(run.files))) for run in runs],
    )
    yield (
        "sluice_run_bytes",
        "Bytes of the files of the newest run",
        [({"dataset": run.dataset}, float(sum(file.size_bytes for file in run.files))) for run in runs],
    )
    yield (
        "sluice_run_finished_timestamp_seconds",
        "When the newest run ended",
        [({"dataset": run.dataset}, run.finished_at.timestamp()) for run in runs],
    )


def _of_stages(name: str, said: str, runs: Sequence[RunSummary], field: str) -> tuple[str, str, list[Sample]]:
    samples = [
        ({"dataset": run.dataset, "stage": stage}, float(value))
        for run in runs
        for stage, value in getattr(run, field).items()
    ]
    return name, said, samples


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{value.translate(_LABEL_ESCAPES)}"' for name, value in labels.items())


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    sys.exit(main())
