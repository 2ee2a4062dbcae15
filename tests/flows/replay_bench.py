"""Runs and replays on generated damage, for the tests of replay and backtest."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.generate import main as generate
from expectations.contract import load_contract
from flows.main import main
from flows.replay import replay_letters
from flows.replay_models import Outcome, ReplayParameters
from flows.run_records import RunRecord, read_record
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.cast import cast_records
from tasks.settings import Settings, load_settings

EVENTS = load_contract("events")


class Bench:
    """A folder with inputs and the results of runs over them."""

    def __init__(self, folder: Path) -> None:
        self.inputs, self.results = folder / "in", folder / "out"
        self.inputs.mkdir(parents=True, exist_ok=True)

    @property
    def settings(self) -> Settings:
        return load_settings(None, {"results_dir": str(self.results)})

    @property
    def files(self) -> list[Path]:
        return sorted(self.inputs.glob("*.csv"))

    @property
    def store(self) -> ArtifactStore:
        return ArtifactStore(self.results / "store")

    def generate(self, name: str, dirt: str, *options: str, rows: int = 1_000, seed: int = 1) -> Path:
        path = self.inputs / name
        generate(["--rows", str(rows), "--seed", str(seed), "--out", str(path), "--dirt", *dirt.split(), *options])
        return path

    def run(self, *patterns: str) -> str:
        """Run the main job on the inputs; gives the run id."""
        before = set(self.run_ids())
        places = [str(self.inputs / pattern) for pattern in patterns or ("*.csv",)]
        assert main(["--no-server", "--input", *places, "--results-dir", str(self.results)]) in (0, 1)
        (new,) = set(self.run_ids()) - before
        return new

    def run_ids(self) -> list[str]:
        return sorted(path.parent.name for path in self.results.glob("*/summary.json"))

    def replay(self, **asked: Any) -> Outcome:
        return replay_letters(ReplayParameters.model_validate(asked), self.settings, "test")

    def record(self, run_id: str) -> RunRecord:
        found = read_record(self.store, run_id)
        assert found is not None
        return found

    def accepted(self, run_id: str) -> pl.DataFrame:
        """All accepted rows of a run, with their file's name."""
        parts = [
            pl.read_parquet(self.store.path(file.accepted)).with_columns(file=pl.lit(file.source.name))
            for file in self.record(run_id).batch.files
            if file.accepted is not None
        ]
        return pl.concat(parts)

    def letters(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT id, line, status, attempts FROM dead_letters ORDER BY id")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.results / "dead_letters.db") as database:
            return database.execute(query).fetchall()


def summary_of(bench: Bench, run_id: str) -> dict[str, Any]:
    return json.loads((bench.results / run_id / "summary.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def truth_of(path: Path) -> dict[str, dict[str, Any]]:
    """What was planted in a generated file, by kind."""
    found: dict[str, dict[str, Any]] = json.loads(Path(f"{path}.dirt.json").read_text(encoding="utf-8"))["kinds"]
    return found


def clean_rows(kind: dict[str, Any]) -> pl.DataFrame:
    """The rows that a kind of damage was done to, typed, by line."""
    return typed(kind["clean"], kind["lines"])


def typed(records: Sequence[Sequence[str | None]], lines: Sequence[int]) -> pl.DataFrame:
    names = list(EVENTS.columns)
    texts = pl.DataFrame([list(record) for record in records], dict.fromkeys(names, pl.String), orient="row")
    placed = texts.with_columns(pl.Series(LINE, lines, pl.Int64), pl.lit(1, pl.UInt32).alias(SPAN))
    done = cast_records(placed, EVENTS)
    assert done.failed.is_empty()
    return done.rows.drop(SPAN).sort(LINE)
