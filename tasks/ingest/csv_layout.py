"""Where the table lies in a text file: dialect, preamble, header, and the line its records begin at."""

from __future__ import annotations

from typing import NamedTuple

from expectations.contract import Contract
from tasks.ingest.dialect import SAMPLE_LINES, Record, detect_dialect, read_records, split_lines
from tasks.ingest.faults import FileError
from tasks.ingest.header import HeaderMatch, header_place, known_names, match_by_place, match_header
from tasks.ingest.options import ReadOptions
from tasks.ingest.row_test import row_test
from tasks.models import Dialect, Finding

_HEADER_WITHIN = 60  # records


class Layout(NamedTuple):
    """A file's table, as it was understood."""

    dialect: Dialect
    header: tuple[str, ...]  # empty where there is none
    width: int
    first_line: int  # of the records, from 1
    match: HeaderMatch


def find_layout(text: str, contract: Contract, options: ReadOptions) -> Layout:
    """Find a contract's table in the first part of a text file.

    Args:
        text: whole lines from the beginning of the file.
        contract: whose columns are looked for.
        options: what is known already.

    Raises:
        FileError: `empty_file`; `wrong_schema` where the contract's columns are not there.
    """
    if not text.strip():
        raise FileError("empty_file", "the file is empty")
    dialect = options.apply(detect_dialect(text, names=known_names(contract), options=options))
    records = read_records(split_lines(text, dialect.line_end)[:SAMPLE_LINES], dialect)
    whole = [record for record in records if record.fields is not None]
    place = header_place([record.fields or [] for record in whole[:_HEADER_WITHIN]], contract)
    if place is not None:
        return _with_header(whole[place], dialect, contract)
    return _without_header(whole, dialect, contract)


def _with_header(record: Record, dialect: Dialect, contract: Contract) -> Layout:
    header = record.fields or []
    match = match_header(header, contract)
    if record.line:
        found = Finding(code="preamble", message="lines before the header were left out", count=record.line)
        match = match._replace(findings=(*match.findings, found))
    dialect = dialect.model_copy(update={"skip_rows": record.line, "header_rows": 1})
    return Layout(dialect, tuple(header), len(header), record.line + record.span + 1, match)


def _without_header(records: list[Record], dialect: Dialect, contract: Contract) -> Layout:
    rows = [record.fields for record in records if record.fields and any(cell.strip() for cell in record.fields)]
    match = match_by_place(len(rows[0]), contract) if rows else None
    test = row_test(match.columns, contract) if match else None
    if match is None or test is None or not any(test(row) for row in rows):
        message = f"no line names the columns of {contract.dataset}, and the first ones are no rows of it"
        raise FileError("wrong_schema", message)
    return Layout(dialect.model_copy(update={"header_rows": 0}), (), len(match.columns), 1, match)
