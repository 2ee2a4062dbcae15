"""The newest run of each dataset as Prometheus text: `python -m flows.metrics [--output FILE]`.

Reads the `summary.json` of the runs; no service has to run. The text goes to standard output, or into a file that
node_exporter's textfile collector reads.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from expectations.errors import UsageError
from flows.finish import WENT_THROUGH, WRONG_USAGE, read_summary
from tasks.models import RunSummary
from tasks.settings import load_settings
from tasks.whole_files import write_text_whole

_STATUSES = ("passed", "warned", "stopped", "failed")
_LABEL_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
Sample = tuple[dict[str, str], float]
Metric = tuple[str, str, list[Sample]]  # its name, what it says


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the metrics, or write them. Exit codes: 0 done, 2 a wrong call or config."""
    parser = argparse.ArgumentParser(prog="python -m flows.metrics", description=__doc__.partition("\n")[0])
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default config/pipeline.yaml")
    parser.add_argument("--results-dir", metavar="DIR", help="where the runs' folders are")
    parser.add_argument("--output", type=Path, metavar="FILE", help="written whole or not at all; default: printed")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(options.config, {"results_dir": options.results_dir})
        text = prometheus_text(newest_runs(settings.results_dir))
        if options.output is None:
            print(text, end="")
        else:
            _write(options.output, text)
    except UsageError as error:
        print(f"metrics: {error}", file=sys.stderr)
        return WRONG_USAGE
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


def _metrics(runs: Sequence[RunSummary]) -> Iterator[Metric]:
    yield _by("status", "sluice_run_status", "1 for the status the newest run has", runs, _status)
    rows = "Records of the newest run, by what became of them"
    yield _by("became", "sluice_run_rows", rows, runs, lambda run: run.rows.model_dump())
    dead = "Dead records of the newest run, by reason"
    yield _by("reason", "sluice_run_dead_letters", dead, runs, lambda run: run.dead_by_reason)
    seconds = "Seconds each stage of the newest run took"
    yield _by("stage", "sluice_stage_seconds", seconds, runs, lambda run: run.stage_seconds)
    worked_on = "Records each stage of the newest run worked on"
    yield _by("stage", "sluice_stage_rows", worked_on, runs, lambda run: run.stage_rows)
    yield _by("stage", "sluice_stage_bytes", "Bytes they lay in", runs, lambda run: run.stage_bytes)
    peak = "Most memory resident in each stage"
    yield _by("stage", "sluice_stage_peak_memory_bytes", peak, runs, lambda run: run.stage_peak_memory_bytes)
    yield _one("sluice_run_files", "Files of the newest run", runs, lambda run: len(run.files))
    size = "Bytes of the files of the newest run"
    yield _one("sluice_run_bytes", size, runs, lambda run: sum(file.size_bytes for file in run.files))
    ended = "When the newest run ended"
    yield _one("sluice_run_finished_timestamp_seconds", ended, runs, lambda run: run.finished_at.timestamp())


def _by(
    label: str,
    name: str,
    said: str,
    runs: Sequence[RunSummary],
    values: Callable[[RunSummary], Mapping[str, float]],
) -> Metric:
    """A sample for each run and each of its values, told apart by a label."""
    samples = [
        ({"dataset": run.dataset, label: which}, float(value)) for run in runs for which, value in values(run).items()
    ]
    return name, said, samples


def _one(name: str, said: str, runs: Sequence[RunSummary], value: Callable[[RunSummary], float]) -> Metric:
    """A sample for each run."""
    return name, said, [({"dataset": run.dataset}, float(value(run))) for run in runs]


def _status(run: RunSummary) -> dict[str, float]:
    return {status: run.status == status for status in _STATUSES}


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{value.translate(_LABEL_ESCAPES)}"' for name, value in labels.items())


def _write(path: Path, text: str) -> None:
    try:
        write_text_whole(path, text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


if __name__ == "__main__":
    sys.exit(main())
