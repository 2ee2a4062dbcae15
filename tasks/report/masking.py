"""The raw text of a dead letter as people may see it: values of personal columns masked where they can be found."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import NamedTuple

from expectations.contract import Contract
from tasks.models import Dialect, LandedFile
from tasks.report.text import cut, decoded, legible

MASK = "‹masked›"
_SHOWN_CHARACTERS = 320
LARGEST_RAW_BYTES = 1 << 16  # an unclosed quote can make a record of a whole file: no more of it is read


class ShownRaw(NamedTuple):
    """`text` is None where nothing may be shown; `note` says why, or what was masked."""

    text: str | None
    note: str


def show_raw(raw: bytes | None, size_bytes: int | None, file: LandedFile | None, contract: Contract) -> ShownRaw:
    """A dead letter's raw text for the report.

    Where the contract has personal columns, only fields known to be of another column of the contract are shown: a
    column nobody declared may hold anything. A record whose fields cannot be told apart is hidden altogether.

    Args:
        raw: the record as it came, or its first LARGEST_RAW_BYTES; None for a whole file.
        size_bytes: how long the whole record is.
        file: what ingest understood of the file it came from.
        contract: says which columns are personal.
    """
    if raw is None or size_bytes is None:
        return ShownRaw(None, "the file as a whole")
    text = decoded(raw, file.encoding if file else None).rstrip("\r\n")
    is_whole = len(raw) == size_bytes
    if not contract.personal_columns:
        return ShownRaw(legible(cut(text, _SHOWN_CHARACTERS)), "" if is_whole else f"{size_bytes:,} bytes in all")
    masked = _masked(text, file, contract) if is_whole else None
    if masked is None:
        return ShownRaw(None, f"hidden ({size_bytes:,} bytes): personal values cannot be told apart in it")
    return ShownRaw(legible(cut(masked, _SHOWN_CHARACTERS)), "personal values masked")


def _masked(text: str, file: LandedFile | None, contract: Contract) -> str | None:
    if text.lstrip().startswith("{"):
        return _masked_object(text, contract)
    if file is None or file.dialect is None or not file.header:
        return None
    return _masked_line(text, file.dialect, _is_shown(file.header, contract))


def _is_shown(header: Sequence[str], contract: Contract) -> list[bool]:
    return [_key(name) in _shown_keys(contract) for name in header]


def _shown_keys(contract: Contract) -> set[str]:
    open_columns = {name: column for name, column in contract.columns.items() if not column.personal}
    return {_key(name) for column, spec in open_columns.items() for name in (column, *spec.aliases)}


def _key(name: str) -> str:
    return name.strip().casefold()


def _masked_object(text: str, contract: Contract) -> str | None:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    keys = _shown_keys(contract)
    kept = {name: value if _key(name) in keys else MASK for name, value in record.items()}
    return json.dumps(kept, ensure_ascii=False)


def _masked_line(text: str, dialect: Dialect, is_shown: Sequence[bool]) -> str | None:
    form = {
        "delimiter": dialect.delimiter,
        "quotechar": dialect.quote,
        "escapechar": dialect.escape,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
    }
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True, **form))  # type: ignore[arg-type]  # as the dialect says
    except (csv.Error, TypeError):
        return None
    if len(records) != 1 or len(records[0]) != len(is_shown):
        return None
    fields = [field if shown else MASK for field, shown in zip(records[0], is_shown, strict=True)]
    return dialect.delimiter.join(fields)
