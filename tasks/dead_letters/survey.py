"""The likely causes of the letters in the table: each kind sampled, laid open with what is known of its file, named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.causes.specimen import Setting, Specimen, lay_open, rules_of
from tasks.dead_letters.explain import Explanation, Sampled, explain
from tasks.dead_letters.models import FileFacts, Filters, StoredLetter
from tasks.dead_letters.raw_text import RawReader
from tasks.dead_letters.records import RecordForm
from tasks.dead_letters.samples import Kind
from tasks.dead_letters.store import DeadLetterStore
from tasks.models import SourceRef
from tasks.sources import SourceError, fetch_raw

_SAMPLE_LETTERS = 20_000


class Dataset(NamedTuple):
    """What is demanded of a dataset today."""

    contract: Contract
    suite_text: str


FindDataset = Callable[[str], Dataset | None]


def survey(
    store: DeadLetterStore,
    reader: RawReader,
    find_dataset: FindDataset,
    filters: Filters,
    sample_letters: int = _SAMPLE_LETTERS,
) -> tuple[Explanation, ...]:
    """Explain the letters the filters choose.

    Args:
        store: the table.
        reader: gives the raw text.
        find_dataset: contract and suite of a dataset by name, None where there is none any more.
        filters: which letters.
        sample_letters: about how many are looked at; the rest is taken to be like them.
    """
    files = store.file_facts()
    kinds = store.sample_kinds(filters, sample_letters)
    last_lines = _last_lines(kinds, files)
    settings: dict[tuple[str, str], Setting | None] = {}

    def setting_of(letter: StoredLetter) -> Setting | None:
        key = (letter.dataset, letter.file_digest)
        if key not in settings:
            settings[key] = _setting(letter, files, find_dataset, last_lines.get(letter.file_digest))
        return settings[key]

    return explain(_laid_open(kind, reader, setting_of) for kind in kinds)


def _setting(
    letter: StoredLetter, files: Mapping[str, FileFacts], find_dataset: FindDataset, last_line: int | None
) -> Setting | None:
    facts, dataset = files.get(letter.file_digest), find_dataset(letter.dataset)
    if facts is None or dataset is None:
        return None
    form = RecordForm.of(facts, dataset.contract, dataset.suite_text)
    return Setting(dataset.contract, form, rules_of(dataset.suite_text), last_line)


def _laid_open(kind: Kind, reader: RawReader, setting_of: Callable[[StoredLetter], Setting | None]) -> Sampled:
    specimens: list[tuple[Specimen, Setting]] = []
    unreadable: list[StoredLetter] = []
    for letter, text in zip(kind.sample, reader.read(kind.sample), strict=True):
        setting = setting_of(letter)
        if setting is None or text.raw is None:
            unreadable.append(letter)
        else:
            specimens.append((lay_open(letter, text.raw, setting.form), setting))
    return Sampled(kind.letters, specimens, unreadable)


def _last_lines(kinds: Iterable[Kind], files: Mapping[str, FileFacts]) -> dict[str, int]:
    """For files whose last record is among the letters: its last line."""
    lowest: dict[str, StoredLetter] = {}
    for kind in kinds:
        for letter in kind.sample:
            if letter.line > 0 and letter.line >= getattr(lowest.get(letter.file_digest), "line", 0):
                lowest[letter.file_digest] = letter
    return {digest: letter.last_line for digest, letter in lowest.items() if _is_last(letter, files.get(digest))}


def _is_last(letter: StoredLetter, facts: FileFacts | None) -> bool:
    """Whether nothing comes after a letter: as its file says, or failing that the count of its records."""
    if facts is None or facts.records is None:
        return False
    before = facts.dialect.header_rows + facts.dialect.skip_rows if facts.dialect else 0
    if letter.last_line < before + facts.records:  # each record takes a line at least
        return False
    return not _has_line(letter, facts, letter.last_line + 1)


def _has_line(letter: StoredLetter, facts: FileFacts, line: int) -> bool:
    if facts.size_bytes is None:
        return False
    source = SourceRef(uri=letter.file, digest=facts.file_digest, size_bytes=facts.size_bytes)
    wanted = pl.DataFrame({"line": [line], "span": [1]}, schema={"line": pl.Int64, "span": pl.UInt32})
    line_end = facts.dialect.line_end if facts.dialect else "\n"
    try:
        return not fetch_raw(source, wanted, facts.file_format, facts.encoding, line_end).is_empty()
    except (SourceError, OSError):
        return False
