"""Dirt of every kind through ingest and the gate: each record ends where the ground truth says, and nowhere else."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from benchmarks.dirt.kind import Ending
from benchmarks.dirt.kinds import DIRT, KIND_OF_NAME
from benchmarks.dirt.truth import GroundTruth
from benchmarks.events import HEADER, EventPlan
from benchmarks.formats import Style, style_of
from benchmarks.writing import generate
from expectations.contract import DATASETS_DIR, load_contract
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.land import ingest_file
from tasks.models import ArtifactRef, LandedFile, ValidatedBatch
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch

CONTRACT = load_contract("events")
SUITE = (DATASETS_DIR / "events" / "suite.json").read_text(encoding="utf-8")

BIG = "events.csv"
FILES: dict[str, tuple[int, Style]] = {
    BIG: (100_000, Style()),
    "quoted.csv": (10_000, Style(quotes_all=True)),
    "semicolon.csv": (10_000, Style(delimiter=";", line_end="\r\n", encoding="utf-8-sig")),
    "tab_cp1252.csv": (10_000, Style(delimiter="\t", encoding="cp1252", extra_column=("channel", "app"))),
    "packed.csv.gz": (10_000, style_of(Path("packed.csv.gz"))),
}


@dataclass(frozen=True)
class Gated:
    """One spoiled file after the gate."""

    path: Path
    truth: GroundTruth
    landed: LandedFile
    batch: ValidatedBatch
    store: ArtifactStore

    def frame(self, ref: ArtifactRef | None) -> pl.DataFrame:
        assert ref is not None
        return pl.read_parquet(self.store.path(ref))

    def letters(self) -> pl.DataFrame:
        refs = [ref for ref in (self.landed.dead_letters, self.batch.dead_letters) if ref is not None]
        return pl.concat([self.frame(ref) for ref in refs])

    def accepted(self) -> pl.DataFrame:
        return self.frame(self.batch.files[0].accepted)

    def lines(self, ending: Ending) -> set[int]:
        marks = self.truth.marks.items()
        return {line for name, mark in marks if KIND_OF_NAME[name].ending is ending for line in mark.lines}


Gates = Callable[[str], Gated]


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Gates:
    """Each file once, however many tests ask for it."""
    return cache(lambda name: gate(tmp_path_factory.mktemp("dirt"), name))


@pytest.fixture(scope="module", params=FILES)
def gated(request: pytest.FixtureRequest, gates: Gates) -> Gated:
    return gates(request.param)


def gate(folder: Path, name: str) -> Gated:
    rows, style = FILES[name]
    path, store = folder / name, ArtifactStore(folder / "store")
    truth = generate(path, EventPlan(rows, seed=rows), style, {"all": 0.001})
    (source,) = fingerprint(str(path))
    landed = ingest_file(source, CONTRACT, store)
    return Gated(path, truth, landed, validate_batch([landed], CONTRACT, SUITE, store), store)


def test_the_balance_closes_and_is_the_planted_one(gated: Gated) -> None:
    assert gated.batch.rows.model_dump() == gated.truth.balance()
    assert gated.batch.rows.is_balanced


def test_each_fault_is_found_under_its_stage_and_reason_and_none_more(gated: Gated) -> None:
    planted = {
        line: (kind.stage, [kind.code])
        for kind in DIRT
        if kind.name in gated.truth.marks and kind.ending is Ending.DEAD
        for line in gated.truth.marks[kind.name].lines
    }
    codes = pl.col("reasons").list.eval(pl.element().struct.field("code"))
    found = {line: (stage, found) for line, stage, found in gated.letters().select("line", "stage", codes).rows()}
    assert found == planted


def test_a_cast_names_its_column(gated: Gated) -> None:
    planted = {
        line: kind.column
        for kind in DIRT
        if kind.name in gated.truth.marks and kind.stage == "cast"
        for line in gated.truth.marks[kind.name].lines
    }
    cast = gated.letters().filter(pl.col("stage") == "cast")
    column = pl.col("reasons").list.first().struct.field("column")
    assert dict(cast.select("line", column).rows()) == planted


def test_duplicates_and_blanks_are_not_among_the_accepted(gated: Gated) -> None:
    lines = set(gated.accepted()[LINE])
    gone = gated.lines(Ending.DUPLICATE) | gated.lines(Ending.BLANK) | gated.lines(Ending.DEAD)
    assert not lines & gone
    assert gated.lines(Ending.ACCEPTED) <= lines


def test_the_warnings_are_the_planted_rules(gated: Gated) -> None:
    broken = {kind.code for kind in DIRT if kind.stage == "gate" and kind.name in gated.truth.marks}
    critical = {"missing_user_id", "missing_session_start", "missing_event_type", "key_not_unique"}  # within `mostly`
    assert gated.batch.gate.verdict == "warned"
    assert len(gated.batch.gate.reasons) == len(broken - critical)


@pytest.fixture(scope="module")
def big(gates: Gates) -> Gated:
    return gates(BIG)


def records(gated: Gated, rows: pl.DataFrame) -> Iterator[list[str | None]]:
    """The rows on the given lines and spans, as Python's csv module reads them from the file."""
    physical = gated.path.read_bytes().split(b"\n")
    for line, span in rows.select(LINE, SPAN).iter_rows():
        text = b"\n".join(physical[line - 1 : line - 1 + span]).decode()
        (record,) = csv.reader([text])
        yield [cell or None for cell in record]


def test_accepted_rows_are_what_python_reads_on_their_lines(big: Gated) -> None:
    accepted = big.accepted()
    times = pl.col("session_start", "session_end").dt.to_string("%Y-%m-%d %H:%M:%S")
    found = accepted.with_columns(times, pl.col("user_id", "value").cast(pl.String)).select(HEADER)
    expected = pl.DataFrame(list(records(big, accepted)), schema=dict.fromkeys(HEADER, pl.String), orient="row")
    iso = pl.col("session_start", "session_end").str.replace("T", " ", literal=True)
    assert found.equals(expected.with_columns(iso))


def test_raw_text_is_kept_verbatim(big: Gated) -> None:
    physical = big.path.read_bytes().split(b"\n")
    letters = big.letters()
    assert dict(letters.select("line", "raw").rows()) == {line: physical[line - 1] for line in letters["line"]}
    assert letters.filter(pl.col("last_line") != pl.col("line")).is_empty()


def test_a_second_pass_finds_the_same(gates: Gates, tmp_path: Path) -> None:
    first, again = gates("quoted.csv"), gate(tmp_path, "quoted.csv")
    assert again.landed.landed == first.landed.landed
    assert again.landed.rows == first.landed.rows
    assert again.batch.files[0].accepted == first.batch.files[0].accepted
