"""Dirt of every kind through ingest and the gate: each record ends where the ground truth says, and nowhere else."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
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
from tasks.models import ArtifactRef, LandedFile, ValidatedBatch, ValidatedFile
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
    "events.ndjson": (10_000, style_of(Path("events.ndjson"))),
    "events.json": (10_000, style_of(Path("events.json"))),
    "events.parquet": (10_000, style_of(Path("events.parquet"))),
}


@dataclass(frozen=True)
class Gated:
    """One spoiled file of the batch after the gate."""

    path: Path
    truth: GroundTruth
    landed: LandedFile
    validated: ValidatedFile
    batch: ValidatedBatch
    store: ArtifactStore

    def frame(self, ref: ArtifactRef | None) -> pl.DataFrame:
        assert ref is not None
        return pl.read_parquet(self.store.path(ref))

    def letters(self) -> pl.DataFrame:
        refs = [ref for ref in (self.landed.dead_letters, self.batch.dead_letters) if ref is not None]
        return pl.concat([self.frame(ref) for ref in refs]).filter(pl.col("file") == self.landed.source.uri)

    def accepted(self) -> pl.DataFrame:
        return self.frame(self.validated.accepted)

    def lines(self, ending: Ending) -> set[int]:
        marks = self.truth.marks.items()
        return {line for name, mark in marks if KIND_OF_NAME[name].ending is ending for line in mark.lines}


def plan(name: str) -> EventPlan:
    """Every file has days of its own, so that no key of one is in another."""
    month = list(FILES).index(name) + 1
    return EventPlan(FILES[name][0], seed=month, first_day=date(2026, month, 1), end_day=date(2026, month + 1, 1))


def land(path: Path, store: ArtifactStore) -> LandedFile:
    (source,) = fingerprint(str(path))
    return ingest_file(source, CONTRACT, store)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Gated]:
    """All files as one batch: a checkpoint costs as much for one."""
    folder = tmp_path_factory.mktemp("dirt")
    store = ArtifactStore(folder / "store")
    paths = [folder / name for name in FILES]
    truths = [generate(path, plan(path.name), FILES[path.name][1], {"all": 0.001}) for path in paths]
    landed = [land(path, store) for path in paths]
    batch = validate_batch(landed, CONTRACT, SUITE, store)
    parts = zip(paths, truths, landed, batch.files, strict=True)
    return {path.name: Gated(path, truth, one, validated, batch, store) for path, truth, one, validated in parts}


@pytest.fixture(params=FILES)
def gated(request: pytest.FixtureRequest, files: dict[str, Gated]) -> Gated:
    return files[request.param]


def test_the_balance_closes_and_is_the_planted_one(gated: Gated) -> None:
    assert gated.validated.rows.model_dump() == gated.truth.balance()
    assert gated.validated.rows.is_balanced


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


@pytest.fixture
def big(files: dict[str, Gated]) -> Gated:
    return files[BIG]


def test_the_warnings_are_the_planted_rules(big: Gated) -> None:
    broken = {kind.code for kind in DIRT if kind.stage == "gate"}
    critical = {"missing_user_id", "missing_session_start", "missing_event_type", "key_not_unique"}  # within `mostly`
    assert big.batch.gate.verdict == "warned"
    assert len(big.batch.gate.reasons) == len(broken - critical)


def records(gated: Gated, rows: pl.DataFrame) -> Iterator[list[str | None]]:
    """The rows on the given lines and spans, as Python's csv module reads them from the file."""
    physical = gated.path.read_bytes().split(b"\n")
    for line, span in rows.select(LINE, SPAN).iter_rows():
        text = b"\n".join(physical[line - 1 : line - 1 + span]).decode()
        (record,) = csv.reader([text])
        yield [cell or None for cell in record]


def test_reasons_name_the_rules_of_the_suite(big: Gated) -> None:
    rules = {rule["meta"]["code"]: rule["id"] for rule in json.loads(SUITE)["expectations"]}
    named = big.frame(big.batch.dead_letters).explode("reasons").unnest("reasons").select("code", "rule_id").unique()
    assert dict(named.rows()) == {code: id_ for code, id_ in rules.items() if code in set(named["code"])}


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


def test_a_second_pass_lands_the_same(gated: Gated, tmp_path: Path) -> None:
    again = land(gated.path, ArtifactStore(tmp_path))
    assert again == gated.landed
