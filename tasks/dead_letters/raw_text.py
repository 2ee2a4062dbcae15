"""How the raw text of a dead letter is kept, and how it is had again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple, Protocol

import polars as pl

from expectations.errors import UsageError
from tasks.dead_letters.encryption import Cipher
from tasks.dead_letters.ids import letter_id
from tasks.dead_letters.models import FileFacts, StoredLetter
from tasks.models import SourceRef
from tasks.sources import SourceError, fetch_raw


class RawForm(StrEnum):
    """What the table's `raw` column holds."""

    PLAIN = "plain"
    ENCRYPTED = "encrypted"
    REFERENCE = "reference"  # nothing: the text is in the file, at its line
    ABSENT = "absent"  # nothing: the letter is a whole file


class RawStorage(Protocol):
    """A way of keeping raw text."""

    def keep(self, letter_id: bytes, raw: bytes | None) -> tuple[bytes | None, RawForm]:
        """What to store for a letter's raw text."""
        ...


class PlainText:
    """As it came."""

    def keep(self, letter_id: bytes, raw: bytes | None) -> tuple[bytes | None, RawForm]:  # noqa: ARG002 - others need it
        """The text itself."""
        return raw, RawForm.ABSENT if raw is None else RawForm.PLAIN


class EncryptedText:
    """Under a key."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def keep(self, letter_id: bytes, raw: bytes | None) -> tuple[bytes | None, RawForm]:
        """The text, encrypted."""
        if raw is None:
            return None, RawForm.ABSENT
        return self._cipher.encrypt(letter_id, raw), RawForm.ENCRYPTED


class ByReference:
    """Not at all: file digest and line say where it is."""

    def keep(self, letter_id: bytes, raw: bytes | None) -> tuple[bytes | None, RawForm]:  # noqa: ARG002 - others need it
        """Nothing."""
        return None, RawForm.ABSENT if raw is None else RawForm.REFERENCE


class RawText(NamedTuple):
    """A letter's raw text; None where it is not to be had, and why."""

    raw: bytes | None
    why_not: str | None = None


class RawReader:
    """Raw text again, however it is kept."""

    def __init__(self, files: Mapping[str, FileFacts], cipher: Cipher | None = None) -> None:
        self._files = files
        self._cipher = cipher

    def read(self, letters: Sequence[StoredLetter]) -> list[RawText]:
        """The raw text of some letters, in their order; files are read once each.

        Raises:
            UsageError: it is encrypted, and the key is not given or not the right one.
        """
        found = {one.id: self._kept(one) for one in letters if one.raw_form != RawForm.REFERENCE}
        referred = [one for one in letters if one.raw_form == RawForm.REFERENCE]
        for uri, of_file in groupby(sorted(referred, key=lambda one: one.file), key=lambda one: one.file):
            found |= self._fetched(uri, list(of_file))
        return [found[one.id] for one in letters]

    def _kept(self, letter: StoredLetter) -> RawText:
        if letter.raw is None:
            return RawText(None, "it stands for a whole file")
        return RawText(self.unseal(letter.id, letter.raw, letter.raw_form))

    def unseal(self, letter_id: str, kept: bytes, form: str) -> bytes:
        """Text as it was before it was kept in the table.

        Raises:
            UsageError: it is encrypted, and the key is not given or not the right one.
        """
        if form == RawForm.PLAIN:
            return kept
        if self._cipher is None:
            raise UsageError("the raw text is encrypted: name the key's environment variable in `dead_letters.key_env`")
        return self._cipher.decrypt(bytes.fromhex(letter_id), kept)

    def _fetched(self, uri: str, letters: Sequence[StoredLetter]) -> dict[str, RawText]:
        facts = self._files.get(letters[0].file_digest)
        if facts is None or facts.size_bytes is None:
            return dict.fromkeys(
                (one.id for one in letters), RawText(None, "nothing is known of how its file is written")
            )
        source = SourceRef(uri=uri, digest=facts.file_digest, size_bytes=facts.size_bytes)
        try:
            lines = _lines(source, facts, letters)
        except (SourceError, OSError) as error:
            why = f"its file cannot be read again: {error}"
            return dict.fromkeys((one.id for one in letters), RawText(None, why))
        return {one.id: _checked(one, lines.get(one.line)) for one in letters}


def _lines(source: SourceRef, facts: FileFacts, letters: Iterable[StoredLetter]) -> dict[int, bytes]:
    spans = [(one.line, one.last_line - one.line + 1) for one in letters]
    wanted = pl.DataFrame(spans, schema={"line": pl.Int64, "span": pl.UInt32}, orient="row")
    line_end = facts.dialect.line_end if facts.dialect else "\n"
    found = fetch_raw(source, wanted, file_format=facts.file_format, encoding=facts.encoding, line_end=line_end)
    return dict(zip(found["line"].to_list(), found["raw"].to_list(), strict=True))


def _checked(letter: StoredLetter, raw: bytes | None) -> RawText:
    """The text of a line, if it is the one the letter was made of: its id says so."""
    if raw is not None and letter_id(letter.dataset, letter.file_digest, letter.line, raw).hex() == letter.id:
        return RawText(raw)
    return RawText(None, "its file does not hold it any more")
