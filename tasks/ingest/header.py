"""A file's header held against the contract: which column is which, and what each drift policy makes of the rest."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from expectations.contract import ColumnType, Contract, text_column
from expectations.drift import DriftPolicy
from tasks.ingest.drift import Condemned, Watched
from tasks.ingest.faults import FileError
from tasks.landed import with_added
from tasks.models import Finding

_DISCARDS = (DriftPolicy.DISCARD_ROW, DriftPolicy.DISCARD_VALUE)


class HeaderMatch(NamedTuple):
    """What each column of a file is."""

    columns: tuple[str | None, ...]  # by the file's order, of `contract` or `watched`; None: not read
    contract: Contract  # with the columns that the drift policy adds
    watched: tuple[Watched, ...] = ()
    condemned: tuple[Condemned, ...] = ()
    findings: tuple[Finding, ...] = ()


class HeaderRules(NamedTuple):
    """What can be said of a header in a format."""

    is_ordered: bool = True  # not where rows are objects: their keys have no order
    has_singles: bool = True  # a name that comes again is a fault; else its columns are read as one
    is_complete: bool = True  # what is not there now may not come later
    is_framed: bool = False  # the first name and the last one are blank, and there are no such columns


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


def match_header(header: Sequence[str], contract: Contract, rules: HeaderRules = HeaderRules()) -> HeaderMatch:  # noqa: B008 - a constant
    """Hold a header against the contract.

    Args:
        header: names as the file has them.
        contract: its columns, and its drift policy.
        rules: what can be said of a header in this format.

    Raises:
        FileError: `wrong_schema`, by the drift policy or because a required column is not there.
    """
    return _Matching(header, contract, rules).match()


def match_by_place(width: int, contract: Contract) -> HeaderMatch | None:
    """The contract's columns in its order, for a file without a header; None where the widths differ."""
    if width != len(contract.columns):
        return None
    found = Finding(code="no_header", message="the file has no header: its columns were taken in the contract's order")
    return HeaderMatch(tuple(contract.columns), with_added(contract, _for_texts(contract)), findings=(found,))


def nothing_matched(contract: Contract) -> HeaderMatch:
    """Before any column of a file is known."""
    return HeaderMatch((), with_added(contract, _for_texts(contract)))


class _Matching:
    """One header on its way to a match."""

    def __init__(self, header: Sequence[str], contract: Contract, rules: HeaderRules) -> None:
        self._header, self._contract, self._rules = header, contract, rules
        known, own = known_names(contract), {name_key(name) for name in contract.columns}
        self._meant = [known.get(name_key(name)) for name in header]
        is_meant = zip(header, self._meant, strict=True)
        self._is_alias = [meant is not None and name_key(name) not in own for name, meant in is_meant]
        self._findings: list[Finding] = []
        self._watched: dict[str, Watched] = {}
        self._condemned: list[Condemned] = []
        self._added: list[str] = []

    def match(self) -> HeaderMatch:
        drift = self._contract.drift
        columns = self._contract_columns(drift.renamed)
        self._missing(drift.missing, columns)
        self._reordered(drift.reordered, columns)
        columns = self._extra(drift.extra, columns)
        added = [name for name in self._added if name not in self._watched]
        landed = with_added(self._contract, [*added, *_for_texts(self._contract)])
        return HeaderMatch(
            tuple(columns), landed, tuple(self._watched.values()), tuple(self._condemned), tuple(self._findings)
        )

    def _contract_columns(self, policy: DriftPolicy) -> list[str | None]:
        """The contract's columns as far as they are read; an alias counts as its column only if the policy says so."""
        renamed = [self._header[place] for place, is_alias in enumerate(self._is_alias) if is_alias]
        if renamed and policy is DriftPolicy.FAIL:
            raise _wrong(f"the header names columns by their aliases: {_listed(renamed)} (drift.renamed: fail)")
        takes_aliases = policy is DriftPolicy.EVOLVE
        columns = [None if alias and not takes_aliases else name for name, alias in self._pairs()]
        doubles = [name for name, count in Counter(columns).items() if name is not None and count > 1]
        if doubles and self._rules.has_singles:
            raise _wrong(f"the header names {_listed(doubles)} more than once")
        pairs = [(old, new) for old, new in zip(self._header, columns, strict=True) if new and old.strip() != new]
        if pairs:
            read = ", ".join(f"{old!r} as {new!r}" for old, new in pairs)
            self._find("renamed_columns", f"read {read}", len(pairs))
        if renamed and not takes_aliases:
            said = {DriftPolicy.FREEZE: "taken for other columns"}.get(policy, "their values were not let in")
            self._find("renamed_columns", f"{_listed(renamed)}: {said} (drift.renamed: {policy})", len(renamed))
        return columns

    def _pairs(self) -> list[tuple[str | None, bool]]:
        return list(zip(self._meant, self._is_alias, strict=True))

    def _missing(self, policy: DriftPolicy, columns: Sequence[str | None]) -> None:
        is_discarded = self._contract.drift.renamed in _DISCARDS
        there = {name for name, alias in self._pairs() if alias} if is_discarded else set()
        missing = [name for name in self._contract.columns if name not in columns and name not in there]
        if not missing:
            return
        if self._rules.is_complete:
            required = [name for name in missing if self._contract.columns[name].required]
            if required:
                raise _wrong(f"the required columns {_listed(required)} are not in the header")
            if policy in (DriftPolicy.FAIL, DriftPolicy.FREEZE):
                raise _wrong(f"the columns {_listed(missing)} are not in the header (drift.missing: {policy})")
        if policy is DriftPolicy.DISCARD_ROW:
            said = "not in the header, so that no row was taken"
            self._condemned += [Condemned("missing_column", f"the file has no column {one!r}", one) for one in missing]
        else:
            said = "not in the header, read as missing values"
        self._find("missing_columns", f"{said}: {_listed(missing)} (drift.missing: {policy})", len(missing))

    def _reordered(self, policy: DriftPolicy, columns: Sequence[str | None]) -> None:
        found = list(dict.fromkeys(name for name in columns if name))
        if not self._rules.is_ordered or found == [name for name in self._contract.columns if name in found]:
            return
        message = "the columns come in another order than the contract's"
        if policy in (DriftPolicy.FAIL, DriftPolicy.FREEZE):
            raise _wrong(f"{message} (drift.reordered: {policy})")
        if policy is DriftPolicy.DISCARD_ROW:
            self._condemned.append(Condemned("reordered_columns", message))
        self._find("reordered_columns", f"{message} (drift.reordered: {policy})")

    def _extra(self, policy: DriftPolicy, columns: Sequence[str | None]) -> list[str | None]:
        """The columns with those that are not the contract's, as far as they are read."""
        renamed = self._contract.drift.renamed
        read: list[str | None] = []
        extra = []
        for place, (name, meant) in enumerate(zip(columns, self._meant, strict=True)):
            if name is not None:
                read.append(name)
            elif meant is not None and renamed in _DISCARDS:
                read.append(self._watch(place, "renamed_column", renamed))
            elif self._rules.is_framed and place in (0, len(self._header) - 1):
                read.append(self._watch(place, "extra_column", DriftPolicy.DISCARD_ROW))
            else:
                extra.append(self._header[place])
                read.append(self._extra_name(place, policy))
        if extra:
            self._say_extra(extra, policy)
        return read

    def _say_extra(self, extra: Sequence[str], policy: DriftPolicy) -> None:
        if policy is DriftPolicy.FAIL:
            raise _wrong(f"the header has columns the contract does not: {_listed(extra)} (drift.extra: fail)")
        said = "kept as text" if policy is DriftPolicy.EVOLVE else "left out"
        message = f"in the header but not in the contract, {said}: {_listed(extra)} (drift.extra: {policy})"
        self._find("extra_columns", message, len(extra))

    def _extra_name(self, place: int, policy: DriftPolicy) -> str | None:
        if policy in _DISCARDS:
            return self._watch(place, "extra_column", policy)
        return self._add(place) if policy is DriftPolicy.EVOLVE else None

    def _watch(self, place: int, code: str, policy: DriftPolicy) -> str:
        name = self._add(place)
        self._watched.setdefault(name, Watched(name, self._header[place], code, policy is DriftPolicy.DISCARD_ROW))
        return name

    def _add(self, place: int) -> str:
        """A name for a column beyond the contract: the file's in small letters, so that it is one in every file."""
        name = name_key(self._header[place]).lstrip("_") or f"column_{place + 1}"
        taken = {*self._contract.columns, *_for_texts(self._contract)}
        if self._rules.has_singles:
            taken.update(self._added)
        while name in taken:
            name = f"{name}_{place + 1}"
        if name not in self._added:
            self._added.append(name)
        return name

    def _find(self, code: str, message: str, count: int | None = None) -> None:
        self._findings.append(Finding(code=code, message=message, count=count))


def _for_texts(contract: Contract) -> list[str]:
    """The columns for texts that do not fit, where the policy keeps them."""
    if contract.drift.retyped is not DriftPolicy.EVOLVE:
        return []
    return [text_column(name) for name, column in contract.columns.items() if column.type is not ColumnType.STRING]


def _wrong(message: str) -> FileError:
    return FileError("wrong_schema", message)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
