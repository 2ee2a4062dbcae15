"""Dead letters tried on a run's batch: what would be released, what would not and why, and the batch as it would be.

Nothing is recorded here. A replay records what it finds; a dry run and a backtest only tell.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from expectations.contract import Contract
from expectations.errors import UsageError
from flows.readmission import Candidate, readmit, with_rows
from flows.releases import Candidates, with_candidates
from flows.run_records import RunRecord
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.models import FileFacts
from tasks.ingest.land import ingest_file
from tasks.landed import landed_schema
from tasks.models import LandedFile, ValidatedBatch
from tasks.sources import SourceError
from tasks.validate.batch import validate_batch

_MOST_ROUNDS = 4
Place = tuple[str, int]  # file digest and line


class Demands(NamedTuple):
    """What a batch is held against."""

    contract: Contract
    suite_text: str


class Tried(NamedTuple):
    """A letter to be tried: the place it has, and the text it has now."""

    letter_id: str
    file_digest: str
    line: int
    last_line: int
    raw: bytes | None  # None: a whole file, read again
    repair: str | None

    @property
    def place(self) -> Place:
        """Which record of which file."""
        return self.file_digest, self.line

    @property
    def candidate(self) -> Candidate:
        """The record, ready to be read."""
        assert self.raw is not None
        return Candidate(self.line, self.last_line - self.line + 1, self.raw)


class Attempt(NamedTuple):
    """What came of it."""

    landed: tuple[LandedFile, ...]
    batch: ValidatedBatch
    released: tuple[Tried, ...]
    refused: dict[str, tuple[str, ...]]  # codes by letter id


def try_letters(
    record: RunRecord, tried: Sequence[Tried], before: Candidates, demands: Demands, store: ArtifactStore
) -> Attempt:
    """Put letters back into the batch of a run, and the batch through the gate.

    A letter that the gate refuses is taken out again, and the gate asked anew: so rows that were accepted stay
    accepted beside it, and the batch is the one that would really come of the release.

    Args:
        record: the run.
        tried: letters of its files.
        before: what was released of its files already.
        demands: contract and suite of the day.
        store: where the artifacts of the run are.

    Raises:
        UsageError: the files are needed again, and are not there as they were.
    """
    files = with_candidates(base_files(record, demands.contract, store), before, demands.contract, store)
    read = _read(files, tried, demands.contract, store)
    passing = {one.place: one for one in tried if one.letter_id not in read.refused}
    refused = dict(read.refused)
    for _ in range(_MOST_ROUNDS):
        landed = _with_passing(read, passing, store)
        batch = _gate(landed, demands, store)
        failed = _rejected(batch, passing, store)
        for place, codes in failed.items():
            refused[passing.pop(place).letter_id] = codes
        if not failed:
            return Attempt(landed, batch, tuple(passing.values()), refused)
    landed = _with_passing(read, {}, store)
    refused |= {one.letter_id: ("unsettled",) for one in passing.values()}
    return Attempt(landed, _gate(landed, demands, store), (), refused)


def base_files(record: RunRecord, contract: Contract, store: ArtifactStore) -> list[LandedFile]:
    """The landed files of a run by today's contract: as they are, or read again where it has changed.

    Raises:
        UsageError: they cannot be read again, and the landed rows have not the columns of today.
    """
    if contract.digest() == record.contract.digest():
        return list(record.landed)
    return [_read_again(file, record, contract, store) for file in record.landed]


def _read_again(file: LandedFile, record: RunRecord, contract: Contract, store: ArtifactStore) -> LandedFile:
    again = ingest_file(file.source, contract, store)
    if again.landed is not None or file.landed is None:
        return again
    if landed_schema(contract) == landed_schema(record.contract):
        return file  # the file is gone or has changed: its rows are still right
    raise UsageError(
        f"{file.source.uri}: is not there as run {record.run_id} read it, and the contract's columns have changed "
        "since: its rows cannot be made anew"
    )


class _Read(NamedTuple):
    """What ingest made of letters."""

    files: Sequence[LandedFile]
    rows: Mapping[str, pl.DataFrame]  # by file digest
    whole: Mapping[str, LandedFile]  # files that were dead letters as a whole, by digest
    refused: Mapping[str, tuple[str, ...]]


def _read(files: Sequence[LandedFile], tried: Sequence[Tried], contract: Contract, store: ArtifactStore) -> _Read:
    by_file: dict[str, list[Tried]] = defaultdict(list)
    for one in tried:
        by_file[one.file_digest].append(one)
    rows: dict[str, pl.DataFrame] = {}
    whole: dict[str, LandedFile] = {}
    refused: dict[str, tuple[str, ...]] = {}
    for file in files:
        of_file = by_file.pop(file.source.digest, [])
        for one in (one for one in of_file if one.raw is None):
            again = ingest_file(file.source, contract, store)
            whole[file.source.digest] = again
            if again.landed is None:
                refused[one.letter_id] = _codes_of(again, store)
        lines = [one for one in of_file if one.raw is not None]
        if lines and file.landed is None and file.source.digest not in whole:
            refused |= {one.letter_id: ("file_is_dead",) for one in lines}
        elif lines:
            done = readmit([one.candidate for one in lines], FileFacts.of(file), contract)
            rows[file.source.digest] = done.rows
            codes = {line: tuple(reason.code for reason in reasons) for line, reasons in done.refused.items()}
            refused |= {one.letter_id: codes[one.line] for one in lines if one.line in codes}
    refused |= {one.letter_id: ("not_in_batch",) for left in by_file.values() for one in left}
    return _Read(files, rows, whole, refused)


def _codes_of(file: LandedFile, store: ArtifactStore) -> tuple[str, ...]:
    if file.dead_letters is None:
        return ("unreadable",)
    reasons = pl.read_parquet(store.path(file.dead_letters), columns=["reasons"])["reasons"]
    return tuple(reasons.explode().struct.field("code").to_list())


def _with_passing(read: _Read, passing: Mapping[Place, Tried], store: ArtifactStore) -> tuple[LandedFile, ...]:
    done = []
    for file in read.files:
        digest = file.source.digest
        again = read.whole.get(digest)
        taken = again if again is not None and (digest, 0) in passing else file
        rows = read.rows.get(digest)
        if rows is not None:
            lines = [line for of_file, line in passing if of_file == digest]
            taken = with_rows(taken, rows.filter(pl.col("__line").is_in(lines)), store)
        done.append(taken)
    return tuple(done)


def _gate(landed: Sequence[LandedFile], demands: Demands, store: ArtifactStore) -> ValidatedBatch:
    try:
        return validate_batch(landed, demands.contract, demands.suite_text, store)
    except SourceError as error:
        raise UsageError(f"the files are needed again for the raw text of rejected rows: {error}") from None


def _rejected(
    batch: ValidatedBatch, passing: Mapping[Place, Tried], store: ArtifactStore
) -> dict[Place, tuple[str, ...]]:
    """Which of the passing letters the gate rejects, and why. A file that passes as a whole may have rejected rows."""
    if batch.dead_letters is None:
        return {}
    columns = ("file_digest", "line", "reasons")
    letters = pl.scan_parquet(store.path(batch.dead_letters)).select(columns)
    ours = pl.LazyFrame(list(passing), schema={"file_digest": pl.String, "line": pl.Int64}, orient="row")
    found = letters.join(ours, on=["file_digest", "line"], how="semi").collect(engine="streaming")
    return {
        (digest, line): tuple(reason["code"] for reason in reasons if reason["status"] != "unknown")
        for digest, line, reasons in found.iter_rows()
    }


def count_refused(refused: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many letters were refused for each code, the most frequent first."""
    return dict(Counter(code for codes in refused.values() for code in dict.fromkeys(codes)).most_common())
