"""Open dead letters made ready to be tried: their text had again, mended, and put to the batch they belong to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from flows.attempt import Demands, Tried
from flows.letter_text import masked
from flows.releases import repaired
from flows.replay_models import Example
from flows.run_records import RunRecord, read_record, records
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.models import FileFacts, Filters, StoredLetter
from tasks.dead_letters.raw_text import RawReader
from tasks.dead_letters.records import RecordForm
from tasks.dead_letters.repairs import Repair
from tasks.dead_letters.store import DeadLetterStore
from tasks.models import LandedFile

_AT_ONCE = 5_000
_EXAMPLES = 5
_NO_BATCH = "the batch of its run is not here any more"
_NOT_APPLICABLE = "none of the repairs applies"


@dataclass
class Plan:
    """What is to be tried, by run."""

    chosen: int = 0
    by_run: dict[str, list[Tried]] = field(default_factory=lambda: defaultdict(list))
    records: dict[str, RunRecord] = field(default_factory=dict)
    not_tried: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)


class Workshop(NamedTuple):
    """What it takes to make letters ready."""

    table: DeadLetterStore
    reader: RawReader
    demands: Demands
    repairs: tuple[Repair, ...]
    store: ArtifactStore


def plan_replay(work: Workshop, filters: Filters) -> Plan:
    """Read the chosen letters and make each ready, in bounded pieces."""
    plan, files = Plan(), work.table.file_facts()
    batches = _Batches(work.store, work.demands.contract.dataset)
    for some in _pieces(work.table.letters(filters)):
        plan.chosen += len(some)
        for letter, text in zip(some, work.reader.read(some), strict=True):
            record = batches.of(letter)
            facts = files.get(letter.file_digest)
            if record is None or facts is None:
                plan.not_tried[_NO_BATCH] += 1
            elif letter.line > 0 and text.raw is None:
                plan.not_tried[text.why_not or "its text is not to be had"] += 1
            else:
                _add(plan, letter, text.raw, facts, record, work)
    return plan


def _pieces(letters: Iterator[StoredLetter]) -> Iterator[list[StoredLetter]]:
    while some := list(islice(letters, _AT_ONCE)):
        yield some


def _add(  # noqa: PLR0917 - one letter and all that is known of it
    plan: Plan, letter: StoredLetter, raw: bytes | None, facts: FileFacts, record: RunRecord, work: Workshop
) -> None:
    repair, mended = _mended(raw, facts, work)
    if raw is not None and mended is None:
        plan.not_tried[_NOT_APPLICABLE] += 1
        return
    one = Tried(letter.id, letter.file_digest, letter.line, letter.last_line, mended, repair)
    plan.by_run[record.run_id].append(one)
    plan.records[record.run_id] = record
    if repair is not None and raw is not None and mended is not None and len(plan.examples) < _EXAMPLES:
        before, after = (masked(text, facts, work.demands.contract) for text in (raw, mended))
        plan.examples.append(Example(id=letter.id, before=before, after=after, is_released=False))


def _mended(raw: bytes | None, facts: FileFacts, work: Workshop) -> tuple[str | None, bytes | None]:
    """The first repair that applies, and what it makes of the text; the text itself where none is asked for."""
    if raw is None or not work.repairs:
        return None, raw
    contract, suite_text = work.demands
    form = RecordForm.of(facts, contract, suite_text)
    for repair in work.repairs:
        mended = repaired(raw, form, repair, contract)
        if mended is not None and mended != raw:
            return repair.name, mended
    return None, None


class _Batches:
    """The newest version of the batch a letter belongs to."""

    def __init__(self, store: ArtifactStore, dataset: str) -> None:
        self._store, self._dataset = store, dataset
        self._by_run: dict[str, RunRecord | None] = {}
        self._by_file: dict[str, RunRecord | None] = {}

    def of(self, letter: StoredLetter) -> RunRecord | None:
        """The record of the run that saw it last; failing that, of the newest run that read its file."""
        run_id = letter.last_run
        if run_id not in self._by_run:
            self._by_run[run_id] = read_record(self._store, run_id)
        found = self._by_run[run_id]
        return found if found is not None else self._newest_with(letter.file_digest)

    def _newest_with(self, digest: str) -> RunRecord | None:
        if digest not in self._by_file:
            having = (one for one in records(self._store, self._dataset) if _has(one.landed, digest))
            self._by_file[digest] = next(having, None)
        return self._by_file[digest]


def _has(files: Sequence[LandedFile], digest: str) -> bool:
    return any(file.source.digest == digest for file in files)
