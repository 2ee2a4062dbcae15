"""A dead letter's raw text as a record, and a record as raw text again, by how its file is written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Self

from expectations.contract import Contract
from tasks.dead_letters.models import FileFacts
from tasks.models import Dialect, Frozen

Record = dict[str, str | None]  # by the contract's name of a column, or the file's where the contract has none


class RecordForm(Frozen):
    """How the records of one file are written."""

    file_format: str
    encoding: str = "utf-8"
    dialect: Dialect | None = None
    header: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()  # the header, by the contract's names
    known_values: Mapping[str, frozenset[str]] = {}  # of the columns for which the suite has a list

    @classmethod
    def of(cls, facts: FileFacts, contract: Contract, suite_text: str | None = None) -> Self:
        """The form of a file's records, its columns under the contract's names; without a header these in their order.

        With a suite, a line that can be read in several ways is not read in one that its value sets refuse.
        """
        names = {_key(alias): name for name, column in contract.columns.items() for alias in (name, *column.aliases)}
        is_headless = facts.dialect is not None and facts.dialect.header_rows == 0
        header = tuple(contract.columns) if is_headless else facts.header
        return cls(
            file_format=facts.file_format,
            encoding=facts.encoding or "utf-8",
            dialect=facts.dialect,
            header=header,
            columns=tuple(names.get(_key(name), name) for name in header),
            known_values=_known_values(suite_text) if suite_text else {},
        )

    @property
    def is_delimited(self) -> bool:
        """Whether a record is a line of fields."""
        return self.file_format == "csv" and self.dialect is not None

    def decode(self, raw: bytes) -> str:
        """The text; a byte that is none in this encoding becomes a lone surrogate, so that nothing is lost."""
        if self.encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
            return raw.decode(self.encoding, "replace")
        return raw.decode(self._codec, "surrogateescape")

    def encode(self, text: str) -> bytes:
        """The bytes; the opposite of `decode`."""
        return text.encode(self._codec, "surrogateescape")

    @property
    def _codec(self) -> str:
        # Raw records never begin with a byte order mark.
        return "utf-8" if self.encoding.lower().replace("_", "-") == "utf-8-sig" else self.encoding

    def fields(self, text: str) -> list[str]:
        """The fields of a delimited line, read leniently: a stray or open quote does not stop it."""
        assert self.dialect is not None
        if len(self.dialect.delimiter) > 1:
            return text.split(self.dialect.delimiter)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), **_csv_options(self.dialect)))
        except csv.Error:
            return text.split(self.dialect.delimiter)
        fields = [field for row in rows for field in row]
        is_whole_line = self.dialect.has_quoted_lines and len(fields) == 1 and fields != [text]
        return self.fields(fields[0]) if is_whole_line else fields

    def line(self, fields: list[str]) -> str:
        """Fields as a delimited line, quoted where they must be."""
        assert self.dialect is not None
        if len(self.dialect.delimiter) > 1:
            return self.dialect.delimiter.join(fields)
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="", **_csv_options(self.dialect)).writerow(fields)
        return out.getvalue()

    def record(self, text: str) -> Record | None:
        """The record a text holds; None where it is not one."""
        if not self.is_delimited:
            return _record_of_object(text, self._names)
        fields = self.fields(text)
        return dict(zip(self.columns, fields, strict=True)) if len(fields) == len(self.columns) else None

    def text(self, record: Record, before: str) -> str:
        """A record as it is written; what it shares with the text it was read from stays as it was."""
        if self.is_delimited:
            return self.line([record.get(name) or "" for name in self.columns])
        return _object_of_record(record, before, self._names)

    @property
    def _names(self) -> dict[str, str]:
        return dict(zip(self.header, self.columns, strict=True))


@lru_cache(maxsize=8)
def _known_values(suite_text: str) -> Mapping[str, frozenset[str]]:
    known: dict[str, frozenset[str]] = {}
    for one in json.loads(suite_text).get("expectations", []):
        kwargs = one.get("kwargs") or {}
        if one.get("type") == "expect_column_values_to_be_in_set" and isinstance(kwargs.get("value_set"), list):
            known[kwargs["column"]] = frozenset(str(value) for value in kwargs["value_set"])
    return known


def _key(name: str) -> str:
    return name.replace("\ufeff", "").strip().casefold()


def _csv_options(dialect: Dialect) -> dict[str, Any]:
    own_escape = dialect.escape if dialect.escape != dialect.quote else None
    return {
        "delimiter": dialect.delimiter,
        "quotechar": dialect.quote,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        "escapechar": own_escape,
        "doublequote": own_escape is None,
    }


def _record_of_object(text: str, names: dict[str, str]) -> Record | None:
    """A JSON object's members as text. Numbers keep their digits."""
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {names.get(str(name), str(name)): _as_text(value) for name, value in found.items()}


def _as_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _object_of_record(record: Record, before: str, names: dict[str, str]) -> str:
    members: dict[str, Any] = json.loads(before)
    unchanged = _record_of_object(before, names) or {}
    placed = {names.get(name, name): name for name in members}
    for name, value in record.items():
        if name not in placed or unchanged.get(name) != value:
            members[placed.get(name, name)] = value
    kept = {name: value for name, value in members.items() if names.get(name, name) in record}
    return json.dumps(kept, ensure_ascii=False)
