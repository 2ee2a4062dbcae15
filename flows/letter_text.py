"""A dead letter's raw text as it may be shown: personal columns masked, unless somebody asked to see them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from expectations.contract import Contract, load_contract
from expectations.errors import UsageError
from flows.run import read_suite
from tasks.dead_letters.models import FileFacts, StoredLetter
from tasks.dead_letters.raw_text import RawText
from tasks.dead_letters.survey import Dataset
from tasks.models import FileRows, LandedFile, SourceRef
from tasks.report.masking import show_raw
from tasks.report.text import decoded, legible
from tasks.sources import SourceError, fetch_raw

Line = tuple[int, str]


@lru_cache
def find_dataset(name: str) -> Dataset | None:
    """Contract and suite of a dataset as they are today; None where there is none any more."""
    try:
        return Dataset(load_contract(name), read_suite(name))
    except UsageError:
        return None


class Shower:
    """Shows raw text of letters."""

    def __init__(self, files: Mapping[str, FileFacts], *, is_revealed: bool) -> None:
        self._files = files
        self._is_revealed = is_revealed

    def show(self, letter: StoredLetter, text: RawText) -> str:
        """A letter's raw text, in one line."""
        if text.raw is None:
            return f"({text.why_not})"
        return self._shown(letter, text.raw)

    def _shown(self, letter: StoredLetter, raw: bytes) -> str:
        facts = self._files.get(letter.file_digest)
        if self._is_revealed:
            return legible(decoded(raw, facts.encoding if facts else None))
        dataset = find_dataset(letter.dataset)
        if dataset is None:
            return "(hidden: there is no contract any more to say which columns are personal)"
        return masked(raw, facts, dataset.contract)

    def around(self, letter: StoredLetter, lines: int) -> list[Line]:
        """The lines before and behind a letter, where its file is still there."""
        facts = self._files.get(letter.file_digest)
        if facts is None or facts.size_bytes is None or letter.line == 0 or facts.file_format == "parquet":
            return []
        first, last = max(1, letter.line - lines), letter.last_line + lines
        numbers = [number for number in range(first, last + 1) if not letter.line <= number <= letter.last_line]
        source = SourceRef(uri=letter.file, digest=facts.file_digest, size_bytes=facts.size_bytes)
        wanted = pl.DataFrame({"line": numbers, "span": 1}, schema={"line": pl.Int64, "span": pl.UInt32})
        line_end = facts.dialect.line_end if facts.dialect else "\n"
        try:
            found = fetch_raw(source, wanted, facts.file_format, facts.encoding, line_end)
        except (SourceError, OSError):
            return []
        return [(line, self._shown(letter, raw)) for line, raw in found.select("line", "raw").iter_rows()]


def masked(raw: bytes, facts: FileFacts | None, contract: Contract) -> str:
    """Raw text with the values of personal columns masked; hidden where they cannot be told apart."""
    shown = show_raw(raw, len(raw), _as_landed(facts) if facts else None, contract)
    return shown.text if shown.text is not None else f"({shown.note})"


def _as_landed(facts: FileFacts) -> LandedFile:
    """How the file is written, in the form the report's masking asks for."""
    return LandedFile(
        source=SourceRef(uri="", digest=facts.file_digest, size_bytes=facts.size_bytes or 0),
        file_format=facts.file_format,
        encoding=facts.encoding,
        dialect=facts.dialect,
        header=facts.header,
        rows=FileRows(),
    )
