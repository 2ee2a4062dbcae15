"""Repaired records back into ingest: the same grammar, header match and cast as for a file, one record at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LINE, PROVENANCE_SCHEMA, SPAN
from tasks.dead_letters.models import FileFacts, Reason
from tasks.dead_letters.records import RecordForm
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.csv_grammar import RecordParser, State
from tasks.ingest.faults import FileError
from tasks.ingest.json_rows import JsonRows
from tasks.ingest.letters import Letter
from tasks.ingest.record_land import RecordLanding
from tasks.landed import landed_schema
from tasks.models import ArtifactRef, Dialect, FileRows, LandedFile

_AT_ONCE = 10_000  # records as Python's own texts; as rows they take a tenth


class Candidate(NamedTuple):
    """A record that asks to be read again, at the place it has in its file."""

    line: int
    span: int
    raw: bytes


class Readmitted(NamedTuple):
    """What ingest made of candidates of one file."""

    rows: pl.DataFrame  # `landed_schema`
    refused: dict[int, tuple[Reason, ...]]  # by line


def readmit(candidates: Sequence[Candidate], facts: FileFacts, contract: Contract) -> Readmitted:
    """Read candidates of one file by the contract.

    Args:
        candidates: no two on one line.
        facts: how their file is written.
        contract: today's.
    """
    form = RecordForm.of(facts, contract)
    pieces = [candidates[start : start + _AT_ONCE] for start in range(0, len(candidates), _AT_ONCE)]
    done = [_readmit(piece, form, contract) for piece in pieces]
    parts = [landed_schema(contract).to_frame(), *(piece.rows for piece in done)]
    rows = pl.concat(parts, how="diagonal")  # some may have columns that the drift policy adds
    return Readmitted(rows, {line: why for piece in done for line, why in piece.refused.items()})


def _readmit(candidates: Sequence[Candidate], form: RecordForm, contract: Contract) -> Readmitted:
    block = _delimited(candidates, form) if form.is_delimited else _objects(candidates, form)
    try:
        landed = list(RecordLanding(contract, is_ordered=form.is_delimited).blocks([block]))
    except FileError as fault:  # the file's columns are not those of the contract as it is today
        why = (Reason(code=fault.code, severity="critical", status="failed", message=fault.message),)
        return Readmitted(landed_schema(contract).to_frame(), dict.fromkeys((one.line for one in candidates), why))
    refused = {
        line: tuple(Reason.model_validate(reason) for reason in reasons)
        for part in landed
        for line, reasons in part.dead.select("line", "reasons").iter_rows()
    }
    return Readmitted(pl.concat([part.rows for part in landed], how="diagonal"), refused)


def _delimited(candidates: Sequence[Candidate], form: RecordForm) -> RecordBlock:
    assert form.dialect is not None
    columns = form.header or form.columns
    cells: list[list[str]] = []
    good: list[Candidate] = []
    dead: list[Letter] = []
    for one in candidates:
        text = form.decode(one.raw)
        fields = _fields(text, form.dialect)
        code = _fault(text, fields, len(columns))
        if code is not None or fields is None:
            dead.append(_letter(one, code or "bad_quote"))
        else:
            cells.append(fields)
            good.append(one)
    texts = pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String), orient="row")
    return _block(texts, good, dead)


def _fields(text: str, dialect: Dialect) -> list[str] | None:
    """The cells of a record by ingest's grammar; None where it is not a whole one."""
    parser, state = RecordParser(dialect), State.BROKEN
    lines = text.split("\r" if dialect.line_end == "\r" else "\n")
    for number, line in enumerate(lines, 1):
        state = parser.feed(line)
        if state is not State.OPEN:
            return parser.fields if state is State.WHOLE and number == len(lines) else None
    return None


def _fault(text: str, fields: list[str] | None, width: int) -> str | None:
    if "\0" in text:
        return "nul_byte"
    if not _is_unicode(text):
        return "invalid_encoding"
    if fields is None:
        return "bad_quote"
    if len(fields) == width:
        return None
    return "too_few_fields" if len(fields) < width else "too_many_fields"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _objects(candidates: Sequence[Candidate], form: RecordForm) -> RecordBlock:
    rows = JsonRows()
    texts: list[bytes] = []
    good: list[Candidate] = []
    dead: list[Letter] = []
    for one in candidates:
        text = form.decode(one.raw).encode("utf-8", "surrogateescape").replace(b"\n", b" ")
        found = rows.one(text)
        if isinstance(found, str):
            dead.append(_letter(one, found))
        else:
            rows.add([found], text)
            texts.append(text)
            good.append(one)
    records = pl.DataFrame(schema=dict.fromkeys(form.header, pl.String))
    if good:
        taken = rows.take([one.line for one in good], lambda: texts).drop(LINE, SPAN)
        absent = [pl.lit(None, pl.String).alias(name) for name in form.header if name not in taken.columns]
        records = taken.with_columns(absent)
    return _block(records, good, dead)


def _block(texts: pl.DataFrame, good: Sequence[Candidate], dead: list[Letter]) -> RecordBlock:
    places = pl.DataFrame(
        {LINE: [one.line for one in good], SPAN: [one.span for one in good]}, schema={LINE: pl.Int64, SPAN: pl.UInt32}
    )
    by_line = {one.line: one for one in good}

    def locate(records: pl.DataFrame) -> list[Letter]:
        return [_letter(by_line[line], "") for line in records[LINE].to_list()]

    return RecordBlock(pl.concat([texts, places], how="horizontal"), dead, 0, locate)


def _letter(one: Candidate, code: str) -> Letter:
    return Letter(one.line, one.line + one.span - 1, None, one.raw, code)


def with_rows(landed: LandedFile, rows: pl.DataFrame, store: ArtifactStore) -> LandedFile:
    """A landed file with rows put in, each in the place of the landed row or dead letter on its line."""
    if rows.is_empty() or landed.landed is None:
        return landed
    lines = rows.select(LINE)
    kept = landed.landed
    new = store.put(".parquet", lambda path: _merge(store, kept, rows, path))
    dead, revived = _without(landed.dead_letters, lines, store)
    counts = landed.rows
    update = {
        "landed": new,
        "dead_letters": dead,
        "rows": FileRows(
            read=counts.read, landed=counts.landed + revived, dead=counts.dead - revived, blank=counts.blank
        ),
    }
    if new.rows != counts.landed + revived:
        raise AssertionError(f"{landed.source.uri}: the balance does not close after putting rows in")
    return landed.model_copy(update=update)


def _merge(store: ArtifactStore, landed: ArtifactRef, rows: pl.DataFrame, path: Path) -> int:
    kept = pl.scan_parquet(store.path(landed)).join(
        rows.lazy().select(LINE), on=LINE, how="anti", maintain_order="left"
    )
    known = kept.collect_schema()
    added = {name: kind for name, kind in rows.schema.items() if name not in known and rows[name].count()}
    columns = [*(name for name in known if name not in PROVENANCE_SCHEMA), *added, *PROVENANCE_SCHEMA]
    every = pl.LazyFrame(schema={**known, **added})
    kept, new = (pl.concat([every, part], how="diagonal").select(columns) for part in (kept, rows.lazy()))
    kept.merge_sorted(new.sort(LINE), key=LINE).sink_parquet(path, compression="zstd", compression_level=1)
    return _height(path)


def _height(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _without(letters: ArtifactRef | None, lines: pl.DataFrame, store: ArtifactStore) -> tuple[ArtifactRef | None, int]:
    """Dead letters less those on some lines, and how many these were."""
    if letters is None:
        return None, 0
    scan = pl.scan_parquet(store.path(letters))
    gone = int(scan.join(lines.lazy(), left_on="line", right_on=LINE, how="semi").select(pl.len()).collect().item())
    if not gone:
        return letters, 0

    def write(path: Path) -> int:
        left = scan.join(lines.lazy(), left_on="line", right_on=LINE, how="anti", maintain_order="left")
        left.sink_parquet(path)
        return _height(path)

    left = store.put(".parquet", write)
    return (left if left.rows else None), gone
