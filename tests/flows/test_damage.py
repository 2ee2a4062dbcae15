"""Damage of every kind, all in one file: its causes are named, and the repairs bring back the clean values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl
import pytest

from benchmarks.dirt.damage import DAMAGE
from benchmarks.dirt.truth import GroundTruth
from benchmarks.events import HEADER, EventPlan
from benchmarks.formats import Style
from benchmarks.writing import generate
from expectations.contract import DATASETS_DIR, load_contract
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.explain import Explanation
from tasks.dead_letters.letter import LINE, SPAN
from tasks.dead_letters.models import BatchFacts, FileFacts, Filters, StoredLetter
from tasks.dead_letters.raw_text import RawReader
from tasks.dead_letters.records import RecordForm
from tasks.dead_letters.repairs import find_repair
from tasks.dead_letters.store import open_store
from tasks.dead_letters.survey import Dataset, survey
from tasks.ingest.cast import cast_records
from tasks.ingest.land import ingest_file
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch

CONTRACT = load_contract("events")
SUITE = (DATASETS_DIR / "events" / "suite.json").read_text(encoding="utf-8")
STYLES = {"comma.csv": Style(), "semicolon.csv": Style(delimiter=";", line_end="\r\n", quotes_all=True)}
CAUSE_OF_KIND = {kind.name: kind.name for kind in DAMAGE} | {
    "shifted_columns": "unquoted_delimiter",
    "header_repeated": "repeated_header",
}
NOTHING_TO_REPAIR = {"header_repeated", "truncated_last_line", "new_category"}


@dataclass(frozen=True)
class Explained:
    """One damaged file, its letters and what was made of them."""

    truth: GroundTruth
    letters: dict[int, StoredLetter]  # by line
    found: tuple[Explanation, ...]
    reader: RawReader
    form: RecordForm


@pytest.fixture(scope="module", params=STYLES)
def explained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    folder = tmp_path_factory.mktemp("damage")
    path, artifacts = folder / request.param, ArtifactStore(folder / "store")
    plan = EventPlan(5_000, seed=len(request.param), first_day=date(2025, 1, 1), end_day=date(2025, 7, 1))
    truth = generate(path, plan, STYLES[path.name], {"damage": 0.003})
    (source,) = fingerprint(str(path))
    landed = ingest_file(source, CONTRACT, artifacts)
    batch = validate_batch([landed], CONTRACT, SUITE, artifacts)
    facts = BatchFacts(
        dataset="events",
        run_id="a-run",
        contract_digest=CONTRACT.digest(),
        seen_at=datetime.now(UTC),
        files=(FileFacts.of(landed),),
    )
    with open_store(f"sqlite:///{folder / 'letters.db'}") as store:
        store.add([artifacts.path(ref) for ref in (landed.dead_letters, batch.dead_letters) if ref], facts)
        reader = RawReader(store.file_facts())
        found = survey(store, reader, lambda _: Dataset(CONTRACT, SUITE), Filters())
        letters = {letter.line: letter for letter in store.letters()}
        yield Explained(truth, letters, found, reader, RecordForm.of(facts.files[0], CONTRACT))


def test_the_letters_are_the_damaged_lines(explained: Explained) -> None:
    damaged = {line for marks in explained.truth.marks.values() for line in marks.lines}
    assert set(explained.letters) == damaged


def test_every_cause_is_named_for_as_many_letters_as_were_damaged(explained: Explained) -> None:
    named: Counter[str] = Counter()
    for one in explained.found:
        named[one.cause] += one.letters
    assert named == {CAUSE_OF_KIND[name]: len(marks.lines) for name, marks in explained.truth.marks.items()}


@pytest.mark.parametrize("kind", sorted({kind.name for kind in DAMAGE} - NOTHING_TO_REPAIR))
def test_the_proposed_repair_brings_back_the_clean_values(explained: Explained, kind: str) -> None:
    (repair,) = {one.repair for one in explained.found if one.cause == CAUSE_OF_KIND[kind]}
    assert repair is not None
    apply, form = find_repair(repair, CONTRACT).apply, explained.form
    marks = explained.truth.marks[kind]
    repaired = []
    for text in explained.reader.read([explained.letters[line] for line in marks.lines]):
        assert text.raw is not None
        mended = apply(form.decode(text.raw), form, CONTRACT)
        assert mended is not None
        repaired.append([(form.record(mended) or {}).get(name) for name in HEADER])
    assert typed(repaired).equals(typed(marks.clean))


def typed(records: list[list[str | None]]) -> pl.DataFrame:
    """Records as ingest would land them."""
    text = pl.DataFrame(records, schema=dict.fromkeys(HEADER, pl.String), orient="row")
    lines = pl.int_range(pl.len(), dtype=pl.Int64).alias(LINE), pl.lit(1, pl.UInt32).alias(SPAN)
    return cast_records(text.with_columns(lines), CONTRACT).rows
