"""A file's header held against the contract: which column is which, and what drift does."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from expectations.contract import Contract, DriftPolicy
from tasks.ingest.faults import FileError
from tasks.models import Finding


class HeaderMatch(NamedTuple):
    """Which of the contract's columns each column of a file is."""

    columns: tuple[str | None, ...]  # by the file's order; None: not of the contract
    findings: tuple[Finding, ...] = ()
    has_discarded_rows: bool = False  # the policy rejects rows with a value in a column that is not expected

    @property
    def missing(self) -> bool:
        """Whether nothing of the contract was found."""
        return not any(self.columns)


def name_key(name: str) -> str:
    """A column name as it is compared: without blanks around it, in one case and one Unicode form."""
    return unicodedata.normalize("NFC", name.replace("\ufeff", "")).strip().casefold()


def known_names(contract: Contract) -> dict[str, str]:
    """Every name a column may come under, as compared, to the contract's name for it."""
    aliases = {name_key(alias): name for name, column in contract.columns.items() for alias in column.aliases}
    return aliases | {name_key(name): name for name in contract.columns}


def header_place(rows: Sequence[Sequence[str]], contract: Contract) -> int | None:
    """Which of the first rows is the header: the one that names most of the contract's columns, and at least two.

    One name is enough where the contract has no more columns, or where it is all that the row holds.
    """
    known = known_names(contract)
    matched = [len({known[name_key(cell)] for cell in row if name_key(cell) in known}) for row in rows]
    best = max(matched, default=0)
    if best == 0 or (best == 1 and len(contract.columns) > 1):
        return None
    return matched.index(best)


def match_header(header: Sequence[str], contract: Contract) -> HeaderMatch:
    """Hold a header against the contract.

    Raises:
        FileError: `wrong_schema`, by the drift policy or because a required column is not there.
    """
    known = known_names(contract)
    columns = tuple(known.get(name_key(name)) for name in header)
    _refuse_doubles(columns)
    missing = [name for name in contract.columns if name not in columns]
    extra = [name for name, column in zip(header, columns, strict=True) if column is None]
    required = [name for name in missing if contract.columns[name].required]
    if required:
        raise FileError("wrong_schema", f"the required columns {_listed(required)} are not in the header")
    findings = [*_missing(missing, contract.drift.missing), *_extra(extra, contract.drift.extra)]
    findings += _renamed(header, columns, contract)
    return HeaderMatch(columns, tuple(findings), bool(extra) and contract.drift.extra is DriftPolicy.DISCARD_ROW)


def match_by_place(width: int, contract: Contract) -> HeaderMatch | None:
    """The contract's columns in its order, for a file without a header; None where the widths differ."""
    if width != len(contract.columns):
        return None
    found = Finding(code="no_header", message="the file has no header: its columns were taken in the contract's order")
    return HeaderMatch(tuple(contract.columns), (found,))


def _refuse_doubles(columns: Sequence[str | None]) -> None:
    doubles = [name for name, count in Counter(columns).items() if name is not None and count > 1]
    if doubles:
        raise FileError("wrong_schema", f"the header names {_listed(doubles)} more than once")


def _missing(missing: list[str], policy: DriftPolicy) -> list[Finding]:
    if not missing:
        return []
    if policy in (DriftPolicy.FAIL, DriftPolicy.FREEZE):
        message = f"the columns {_listed(missing)} are not in the header (drift.missing: {policy})"
        raise FileError("wrong_schema", message)
    message = f"not in the header, read as missing values: {_listed(missing)} (drift.missing: {policy})"
    return [Finding(code="missing_columns", message=message, count=len(missing))]


def _extra(extra: list[str], policy: DriftPolicy) -> list[Finding]:
    if not extra:
        return []
    if policy is DriftPolicy.FAIL:
        message = f"the header has columns the contract does not: {_listed(extra)} (drift.extra: fail)"
        raise FileError("wrong_schema", message)
    message = f"in the header but not in the contract, left out: {_listed(extra)} (drift.extra: {policy})"
    return [Finding(code="extra_columns", message=message, count=len(extra))]


def _renamed(header: Sequence[str], columns: Sequence[str | None], contract: Contract) -> list[Finding]:
    findings = []
    renamed = [f"{old!r} as {new!r}" for old, new in zip(header, columns, strict=True) if new and old.strip() != new]
    if renamed:
        findings.append(Finding(code="renamed_columns", message=f"read {', '.join(renamed)}", count=len(renamed)))
    found = [name for name in columns if name]
    if found != [name for name in contract.columns if name in found]:
        message = "the columns come in another order than the contract's"
        findings.append(Finding(code="reordered_columns", message=message))
    return findings


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
