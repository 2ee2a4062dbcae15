"""Record blocks of JSON, NDJSON and Parquet as landed blocks: their columns matched to the contract's, and cast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.cast import cast_records
from tasks.ingest.header import HeaderMatch, known_names, match_header, name_key
from tasks.ingest.letters import cast_letters, parse_letters
from tasks.ingest.sink import LandedBlock
from tasks.models import Finding


class RecordLanding:
    """The records of one file on their way to the contract's columns.

    Attributes:
        header: the file's columns, as far as they are known; complete at its end.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._match = HeaderMatch(())
        self._named: dict[str, list[str]] = {}  # the contract's columns to those of the file
        self.header: tuple[str, ...] = ()

    def blocks(self, blocks: Iterable[RecordBlock]) -> Iterator[LandedBlock]:
        """Match and cast the records, block by block.

        Raises:
            FileError: `wrong_schema`.
        """
        for block in blocks:
            columns = tuple(name for name in block.records.columns if name not in (LINE, SPAN))
            if block.records.height and columns != self.header:
                self._match_columns(columns)
            yield self._land(block)

    def _match_columns(self, columns: tuple[str, ...]) -> None:
        """Records of one file may use a column's name and its aliases side by side: they are one column."""
        known = known_names(self._contract)
        named: dict[str, list[str]] = {}
        for name in columns:
            named.setdefault(known.get(name_key(name), f"__{name}"), []).append(name)
        self.header = columns
        self._match = match_header([names[0] for names in named.values()], self._contract)
        self._named = named

    def findings(self) -> list[Finding]:
        """How the columns differ from the contract's."""
        return list(self._match.findings)

    def _land(self, block: RecordBlock) -> LandedBlock:
        texts = self._by_contract(block.records)
        done = cast_records(texts, self._contract)
        dead = parse_letters(block.dead)
        if done.failed.height:
            found = block.locate(texts[done.failed["row"]])
            dead = pl.concat([dead, cast_letters(found, done.failed["reasons"])]).sort("line")
        return LandedBlock(done.rows, dead, block.blank, done.blanks_stripped)

    def _by_contract(self, records: pl.DataFrame) -> pl.DataFrame:
        columns = []
        for name in self._contract.columns:
            found = [records.get_column(one) for one in self._named.get(name, ()) if one in records.columns]
            if not found:
                found = [pl.repeat(None, records.height, dtype=pl.String, eager=True)]
            whole = found[0] if len(found) == 1 else pl.select(pl.coalesce(found)).to_series()
            columns.append(whole.alias(name))
        return pl.DataFrame([*columns, records.get_column(LINE), records.get_column(SPAN)])
