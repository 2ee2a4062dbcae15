"""Where the table lies in a text file: dialect, preamble, header, and the line its records begin at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from expectations.contract import Contract
from tasks.ingest.dialect import SAMPLE_LINES, detect_dialect
from tasks.ingest.faults import FileError
from tasks.ingest.header import (
    HeaderMatch,
    HeaderRules,
    header_place,
    known_names,
    match_by_place,
    match_header,
    name_key,
)
from tasks.ingest.options import ReadOptions
from tasks.ingest.remark_names import SIGN, is_remark, with_remark_names
from tasks.ingest.row_test import row_test
from tasks.ingest.table_layout import common_width, is_framed, merged_names
from tasks.ingest.text_lines import Record, read_records, split_lines
from tasks.models import Dialect, Finding

_HEADER_WITHIN = 60  # records


class Layout(NamedTuple):
    """A file's table, as it was understood."""

    dialect: Dialect
    header: tuple[str, ...]  # empty where there is none
    width: int
    first_line: int  # of the records, from 1
    rows: tuple[list[str], ...] = ()  # the first records, where there is no header
    is_given: bool = False  # that there is no header

    def match(self, contract: Contract) -> HeaderMatch:
        """Hold the header against a contract.

        Raises:
            FileError: `wrong_schema`.
        """
        if not self.header:
            return _match_without_header(self, contract)
        match = match_header(self.header, contract, HeaderRules(is_framed=is_framed(self.dialect, self.header)))
        if not self.dialect.skip_rows:
            return match
        found = Finding(code="preamble", message="lines before the header were left out", count=self.dialect.skip_rows)
        return match._replace(findings=(*match.findings, found))


def dialect_of(text: str, contract: Contract, options: ReadOptions) -> Dialect:
    """How the first part of a text file is written, given the columns that are expected and what is known already."""
    return options.apply(detect_dialect(text, names=known_names(contract), options=options))


def find_layout(text: str, dialect: Dialect, contract: Contract, options: ReadOptions) -> Layout:
    """Find a contract's table in the first part of a text file.

    Args:
        text: whole lines from the beginning of the file.
        dialect: how it is written.
        contract: whose columns are looked for.
        options: what is known already. A header of a given number of rows begins right after the lines to skip.
    """
    skipped = options.skip_rows or 0
    lines = split_lines(text, dialect.line_end)[skipped : skipped + SAMPLE_LINES]
    records = [record._replace(line=record.line + skipped) for record in read_records(lines, dialect)]
    whole = [record for record in records if record.fields is not None]
    if options.header_rows is not None:
        return _with_given_header(whole, dialect, contract, options.header_rows, skipped)
    whole = _with_remark_names(whole, lines, skipped)
    place = header_place([record.fields or [] for record in whole[:_HEADER_WITHIN]], contract)
    if place is None:
        return _without_header(whole, dialect, skipped)
    return _layout(whole[place : place + 1], whole[place].fields or [], dialect)


def _with_remark_names(records: list[Record], lines: Sequence[str], skipped: int) -> list[Record]:
    if not records or not lines[records[0].line - skipped].startswith(SIGN):
        return records
    first = [record._replace(line=record.line - skipped) for record in records[:_HEADER_WITHIN]]
    others = [record for record in first if not is_remark(record, lines)]
    named = with_remark_names(first, lines, common_width(others)) if others else first
    return [*(record._replace(line=record.line + skipped) for record in named), *records[_HEADER_WITHIN:]]


def _layout(header: Sequence[Record], names: Sequence[str], dialect: Dialect) -> Layout:
    first, last = header[0], header[-1]
    dialect = dialect.model_copy(update={"skip_rows": first.line, "header_rows": len(header)})
    return Layout(dialect, tuple(names), len(names), last.line + last.span + 1)


def _with_given_header(records: list[Record], dialect: Dialect, contract: Contract, count: int, skipped: int) -> Layout:
    """A header of several rows has the names in one of them, or spread over all: whichever the contract knows best."""
    filled = [record for record in records if any(cell.strip() for cell in record.fields or [])]
    header = filled[:count]
    if not header:
        return _without_header(filled, dialect, skipped)._replace(is_given=count == 0)
    rows = [record.fields or [] for record in header]
    width = max(len(row) for row in rows)
    ways = [[*row, *[""] * width][:width] for row in (*rows, merged_names(rows, width))]
    known = known_names(contract)
    return _layout(header, max(ways, key=lambda names: sum(name_key(name) in known for name in names)), dialect)


def _without_header(records: list[Record], dialect: Dialect, skipped: int) -> Layout:
    rows = [record.fields for record in records if record.fields and any(cell.strip() for cell in record.fields)]
    dialect = dialect.model_copy(update={"header_rows": 0, "skip_rows": skipped})
    return Layout(dialect, (), len(rows[0]) if rows else 0, skipped + 1, tuple(rows))


def _match_without_header(layout: Layout, contract: Contract) -> HeaderMatch:
    match = match_by_place(layout.width, contract)
    if layout.is_given and match is None:
        message = f"the file has no header, and {layout.width} columns where the contract has {len(contract.columns)}"
        raise FileError("wrong_schema", message)
    test = row_test(match.columns, contract) if match else None
    is_fit = layout.is_given or (test is not None and any(test(row) for row in layout.rows))
    if match is None or not is_fit:
        message = f"no line names the columns of {contract.dataset}, and the first ones are no rows of it"
        raise FileError("wrong_schema", message)
    return match
