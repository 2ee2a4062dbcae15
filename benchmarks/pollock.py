"""Pollock, the data-loading benchmark of VLDB 2023, on Sluice's reader: `python -m benchmarks.pollock CHECKOUT`.

Needs a checkout of HPI-Information-Systems/Pollock. The converted files are written where its own `evaluate.py` expects
them (`results/sluice/<dataset>/loading/`), and are scored by its own functions, unchanged.

By default the reader is told what the benchmark's parameter files say; with `--auto` it finds out everything itself.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from tasks.ingest.csv_source import Hints, until_understood
from tasks.ingest.faults import FileError
from tasks.ingest.options import ReadOptions
from tasks.ingest.table_file import write_table
from tasks.ingest.text_table import TextTable
from tasks.sources import SourceError, fingerprint

_SYSTEM = "sluice"
_MEASURES = 10  # a perfect file scores one for each


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert a dataset of the benchmark, score it, print the scores."""
    given = command_line().parse_args(arguments)
    dataset = "survey_sample" if given.survey else "polluted_files"
    checkout = given.checkout.resolve()
    names = sorted(file.name for file in (checkout / dataset / "csv").iterdir() if file.name.endswith("csv"))
    loading = checkout / "results" / _SYSTEM / dataset / "loading"
    loading.mkdir(parents=True, exist_ok=True)
    conversion = Conversion(checkout / dataset, loading, is_told=not given.auto, names_columns=given.survey)
    with ProcessPoolExecutor(given.jobs, initializer=_enter, initargs=(checkout,)) as pool:
        scores = dict(zip(names, pool.map(conversion.score, names, chunksize=8), strict=True))
    for line in _report(scores, checkout, has_weights=not given.survey, worst=given.worst):
        print(line)
    return 0


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pollock", description="Run Pollock on the reader.")
    parser.add_argument("checkout", type=Path, metavar="CHECKOUT", help="of HPI-Information-Systems/Pollock")
    parser.add_argument("--auto", action="store_true", help="the reader finds out everything itself")
    parser.add_argument("--survey", action="store_true", help="the survey sample instead of the polluted files")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="name the N files that lose most")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes")
    return parser


class Conversion(NamedTuple):
    """How the files of a dataset are converted.

    Attributes:
        dataset: its folder.
        loading: where the converted files go.
        is_told: whether the benchmark's parameters are used.
        names_columns: whether columns without names are called `col_0` and so on, as the survey's clean files do.
    """

    dataset: Path
    loading: Path
    is_told: bool
    names_columns: bool

    def score(self, name: str) -> float:
        """Convert a file, and score it by the benchmark's own function."""
        self.convert(name)
        evaluate = importlib.import_module("evaluate")
        measures = evaluate.evaluate_single_file(filename=name, dataset=self.dataset.name, sut=_SYSTEM)
        return float(sum(value for key, value in measures.items() if key != "file"))

    def convert(self, name: str) -> None:
        """Write a file as the reader understands it."""
        parameters = self._parameters(name) if self.is_told else None
        target = self.loading / f"{name}_converted.csv"
        (source,) = fingerprint(str(self.dataset / "csv" / name))

        def convert(hints: Hints) -> None:
            table = TextTable(source, _options(parameters), hints)
            header = _header(table, parameters, names_columns=self.names_columns)
            write_table(target, header, table.columns, (block.rows for block in table.blocks()))

        try:
            until_understood(convert)
        except (FileError, SourceError) as error:
            target.write_text(f"Application Error\n{error}\n")

    def _parameters(self, name: str) -> dict[str, Any]:
        parameters: dict[str, Any] = json.loads((self.dataset / "parameters" / f"{name}_parameters.json").read_text())
        return parameters


def _options(parameters: dict[str, Any] | None) -> ReadOptions:
    if parameters is None or not parameters["delimiter"]:
        return ReadOptions()
    return ReadOptions(
        delimiter=parameters["delimiter"],
        quote=parameters["quotechar"],
        escape=parameters["escapechar"],
        header_rows=parameters["header_lines"],
        skip_rows=parameters["preamble_lines"],
    )


def _header(table: TextTable, parameters: dict[str, Any] | None, *, names_columns: bool) -> list[str]:
    if parameters is not None and parameters["column_names"]:
        return list(parameters["column_names"])
    if table.header or not names_columns:
        return table.header
    return [f"col_{place}" for place in range(len(table.columns))]


def _enter(checkout: Path) -> None:
    os.chdir(checkout)
    sys.path.insert(0, str(checkout))


def _report(scores: dict[str, float], checkout: Path, *, has_weights: bool, worst: int) -> Iterator[str]:
    yield f"files      {len(scores)}"
    yield f"simple     {sum(scores.values()) / len(scores):.4f}"
    if has_weights:
        weights = json.loads((checkout / "pollock_weights.json").read_text())
        known = {name: weights.get(name, -1) for name in scores}
        yield f"weighted   {sum(scores[name] * known[name] for name in scores) / sum(known.values()):.4f}"
    for name in sorted(scores, key=lambda name: scores[name])[:worst]:
        yield f"  {_MEASURES - scores[name]:.4f} lost  {name}"


if __name__ == "__main__":
    sys.exit(main())
