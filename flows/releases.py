"""What replays released, put into the files it came from: so a released row is in every later run, once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

import polars as pl

from expectations.contract import Contract
from flows.readmission import Candidate, readmit, with_rows
from flows.run import Run
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.access import open_from, raw_reader
from tasks.dead_letters.models import FileFacts, Filters, StoredLetter
from tasks.dead_letters.pending import StoreUnavailableError, persist
from tasks.dead_letters.raw_text import RawReader
from tasks.dead_letters.records import RecordForm
from tasks.dead_letters.repairs import Repair, find_repair
from tasks.dead_letters.replays import Release
from tasks.dead_letters.store import DeadLetterStore
from tasks.models import LandedFile

_log = logging.getLogger(__name__)
_AT_ONCE = 500

Candidates = Mapping[str, Sequence[Candidate]]  # by file digest


def take_releases(run: Run, landed: Sequence[LandedFile]) -> list[LandedFile]:
    """The landed files of a run, with what was released of them in their dead letters' places.

    A database that is away releases nothing: the run says so where it fails to store its own dead letters.
    """
    try:
        with persist(lambda: open_from(run.settings.dead_letters), attempts=1) as store:
            reader = raw_reader(run.settings.dead_letters, store)
            candidates = released_candidates(store, reader, landed, run.contract, run.suite_text)
    except StoreUnavailableError as error:
        _log.warning("released dead letters are left out of this run: %s", error)
        return list(landed)
    return with_candidates(landed, candidates, run.contract, run.store)


def released_candidates(
    store: DeadLetterStore, reader: RawReader, landed: Sequence[LandedFile], contract: Contract, suite_text: str
) -> Candidates:
    """The released records of some files, ready to be read again."""
    digests = [file.source.digest for file in landed if file.landed is not None]
    releases = [release for release in store.releases(contract.dataset, digests) if release.line > 0]
    texts = _texts(store, reader, releases, contract, suite_text)
    found: dict[str, list[Candidate]] = defaultdict(list)
    for release in releases:
        raw = texts.get(release.letter_id)
        if raw is not None:
            span = release.last_line - release.line + 1
            found[release.file_digest].append(Candidate(release.line, span, raw))
    return found


def with_candidates(
    landed: Sequence[LandedFile], candidates: Candidates, contract: Contract, store: ArtifactStore
) -> list[LandedFile]:
    """The landed files, with the candidates that ingest takes put in; the others stay what they were."""
    return [_with(file, candidates.get(file.source.digest, ()), contract, store) for file in landed]


def _with(file: LandedFile, candidates: Sequence[Candidate], contract: Contract, store: ArtifactStore) -> LandedFile:
    if not candidates or file.landed is None:
        return file
    rows = readmit(candidates, FileFacts.of(file), contract).rows
    known = _lines(file, store)
    return with_rows(file, rows.join(known, on="__line", how="semi", maintain_order="left"), store)


def _lines(file: LandedFile, store: ArtifactStore) -> pl.DataFrame:
    """The lines of a file that have a landed row or a dead letter: nothing may be put anywhere else."""
    assert file.landed is not None
    lines = [pl.scan_parquet(store.path(file.landed)).select("__line")]
    if file.dead_letters is not None:
        lines.append(pl.scan_parquet(store.path(file.dead_letters)).select(pl.col("line").alias("__line")))
    return pl.concat(lines).collect(engine="streaming")


def _texts(
    store: DeadLetterStore, reader: RawReader, releases: Sequence[Release], contract: Contract, suite_text: str
) -> dict[str, bytes]:
    """The released text of each letter; by reference, it is repaired anew."""
    kept = {
        one.letter_id: reader.unseal(one.letter_id, one.raw, one.raw_form) for one in releases if one.raw is not None
    }
    absent = [one for one in releases if one.raw is None]
    facts = store.file_facts() if absent else {}
    forms = {digest: RecordForm.of(known, contract, suite_text) for digest, known in facts.items()}
    for start in range(0, len(absent), _AT_ONCE):
        some = {one.letter_id: one for one in absent[start : start + _AT_ONCE]}
        letters = list(store.letters(Filters(status=None, ids=tuple(some))))
        kept |= _repaired(letters, {id_: one.repair for id_, one in some.items()}, forms, reader, contract)
    return kept


def _repaired(
    letters: Sequence[StoredLetter],
    repairs: Mapping[str, str | None],
    forms: Mapping[str, RecordForm],
    reader: RawReader,
    contract: Contract,
) -> dict[str, bytes]:
    known = {line: find_repair(line, contract) if line else None for line in set(repairs.values())}
    found: dict[str, bytes] = {}
    for letter, text in zip(letters, reader.read(letters), strict=True):
        if text.raw is None:
            _log.warning("a released dead letter is left out: %s", text.why_not, extra={"file": letter.file})
            continue
        repair = known[repairs[letter.id]]
        mended = repaired(text.raw, forms[letter.file_digest], repair, contract) if repair else text.raw
        if mended is not None:
            found[letter.id] = mended
    return found


def repaired(raw: bytes, form: RecordForm, repair: Repair, contract: Contract) -> bytes | None:
    """Raw text mended by a repair; None where it does not apply."""
    text = repair.apply(form.decode(raw), form, contract)
    try:
        return None if text is None else form.encode(text)
    except UnicodeEncodeError:  # it has letters now that the file's encoding has not
        return None
