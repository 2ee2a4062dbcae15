"""Record blocks of JSON, NDJSON and Parquet as landed blocks: their columns matched to the contract's, and cast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.cast import cast_records
from tasks.ingest.drift import Condemned
from tasks.ingest.faults import KeysCameLateError
from tasks.ingest.header import HeaderRules, match_header, nothing_matched
from tasks.ingest.letters import as_columns, cast_letters, parse_letters
from tasks.ingest.sink import LandedBlock
from tasks.landed import landed_schema
from tasks.models import Finding

_OF_OBJECTS = HeaderRules(is_ordered=False, has_singles=False)
_OF_TYPED = HeaderRules(has_singles=False)


class RecordLanding:
    """The records of one file on their way to the contract's columns.

    Attributes:
        header: the file's columns, as far as they are known; complete at its end.
    """

    def __init__(self, contract: Contract, *, is_ordered: bool = False, keys: Sequence[str] = ()) -> None:
        """Prepare to match.

        Args:
            contract: the columns that are wanted, and the drift policy.
            is_ordered: whether the columns of the file have an order; the keys of objects have none.
            keys: columns that the file is known to have, wherever they first come.
        """
        self._keys = keys
        self._refused_for: set[Condemned] = set()
        self._contract = contract if is_ordered else contract.without_number_formats()  # JSON's have a point
        self._rules = _OF_TYPED if is_ordered else _OF_OBJECTS
        self._match = nothing_matched(self._contract)
        self._named: dict[str, list[str]] = {}  # the columns that are read to those of the file
        self.header: tuple[str, ...] = ()

    def blocks(self, blocks: Iterable[RecordBlock]) -> Iterator[LandedBlock]:
        """Match and cast the records, block by block; the rows may have more columns in each than in the one before.

        Raises:
            FileError: `wrong_schema`.
            KeysCameLateError: records were refused for a column that came later.
        """
        for block in blocks:
            columns = tuple(name for name in block.records.columns if name not in (LINE, SPAN))
            columns += tuple(key for key in self._keys if columns and key not in columns)
            if columns and columns != self.header:
                self._match_columns(columns, self._rules._replace(is_complete=False))
            if block.records.height:
                self._refused_for.update(self._match.condemned)
            yield self._land(block)
        if self.header:
            self._match_columns(self.header, self._rules)
        if self._refused_for.difference(self._match.condemned):
            raise KeysCameLateError(self.header)

    def _match_columns(self, columns: tuple[str, ...], rules: HeaderRules) -> None:
        """Records of one file may use a column's name and its aliases side by side: they are one column."""
        self.header = columns
        self._match = match_header(columns, self._contract, rules)
        self._named = {}
        for name, read_as in zip(columns, self._match.columns, strict=True):
            if read_as is not None:
                self._named.setdefault(read_as, []).append(name)

    def findings(self) -> list[Finding]:
        """How the columns differ from the contract's."""
        return list(self._match.findings)

    @property
    def schema(self) -> pl.Schema:
        """Of the rows, as far as the columns are known; complete at the file's end."""
        return landed_schema(self._match.contract)

    def _land(self, block: RecordBlock) -> LandedBlock:
        match = self._match
        done = cast_records(self._as_read(block.records), match.contract, match.watched, match.condemned)
        dead = parse_letters(as_columns(block.dead))
        if done.failed.height:
            found = block.locate(block.records.select(LINE, SPAN)[done.failed["row"]])
            dead = pl.concat([dead, cast_letters(as_columns(found), done.failed["reasons"])]).sort("line")
        return LandedBlock(
            done.rows,
            dead,
            block.blank,
            done.blanks_stripped,
            done.noted,
            done.miscast.select(landed_schema(self._contract).names()),
        )

    def _as_read(self, records: pl.DataFrame) -> pl.DataFrame:
        columns = []
        for name in (*self._match.contract.columns, *(one.name for one in self._match.watched)):
            found = [records.get_column(one) for one in self._named.get(name, ()) if one in records.columns]
            if not found:
                found = [pl.repeat(None, records.height, dtype=pl.String, eager=True)]
            whole = found[0] if len(found) == 1 else pl.select(pl.coalesce(found)).to_series()
            columns.append(whole.alias(name))
        return pl.DataFrame([*columns, records.get_column(LINE), records.get_column(SPAN)])
