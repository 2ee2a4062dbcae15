"""Dead-letter Parquet into the table: in pieces, so memory is bounded, and by what a letter is, so none comes twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow.parquet as pq
import sqlalchemy as sa

from expectations.errors import UsageError
from tasks.dead_letters import tables
from tasks.dead_letters.database import writing
from tasks.dead_letters.ids import letter_ids
from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.dead_letters.models import Added, BatchFacts, Status
from tasks.dead_letters.raw_text import RawStorage

_CHUNK_LETTERS = 25_000
_FILES_AT_ONCE = 5_000
_CHUNK_BYTES = 64 * 1024 * 1024


class _Shared(NamedTuple):
    """Keys of what letters share, as they are found: file to source_key, reasons to signature_key."""

    run_key: int
    sources: dict[tuple[str, str], int]
    signatures: dict[str, int]


def add_letters(engine: sa.Engine, letters: Sequence[Path], batch: BatchFacts, storage: RawStorage) -> Added:
    """Load Parquet files of LETTER_SCHEMA.

    Each piece is a transaction of its own. A load that was killed is repeated whole: what is there is known again.

    Args:
        engine: a database whose schema is up to date.
        letters: the files.
        batch: the run that found them.
        storage: how raw text is kept.

    Raises:
        UsageError: a file is not dead letters.
        sqlalchemy.exc.DBAPIError: the database does not answer; see `database.is_transient`.
    """
    added = Added()
    signatures: dict[str, int] = {}
    for path in letters:
        for frame in _pieces(path):
            with writing(engine) as connection:
                shared = _Shared(_run_key(connection, batch), _source_keys(connection, frame, batch), signatures)
                _fill_staging(connection, _rows(connection, frame, batch, shared, storage))
                added += _merge(connection)
    if batch.files:
        with writing(engine) as connection:
            _see_released(connection, batch)
    return added


def _see_released(connection: sa.Connection, batch: BatchFacts) -> None:
    """Note that a run has seen the released letters of its files: it takes them as they were released."""
    run_key = _run_key(connection, batch)
    digests = [file.file_digest for file in batch.files]
    for start in range(0, len(digests), _FILES_AT_ONCE):
        some = digests[start : start + _FILES_AT_ONCE]
        sources = sa.select(tables.source.c.source_key).where(
            tables.source.c.dataset == batch.dataset, tables.source.c.file_digest.in_(some)
        )
        released = sa.and_(
            tables.letter.c.source_key.in_(sources),
            tables.letter.c.status == Status.REPLAYED.value,
            tables.letter.c.last_run_key < run_key,
        )
        connection.execute(sa.update(tables.letter).where(released).values(last_run_key=run_key))


def _pieces(path: Path) -> Iterator[pl.DataFrame]:
    """The file's letters, never many bytes at once."""
    with pq.ParquetFile(path) as file:
        if missing := [name for name in LETTER_SCHEMA.names() if name not in file.schema_arrow.names]:
            raise UsageError(f"{path}: not a file of dead letters: it has no column {', '.join(missing)}")
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        bytes_each = max((group.total_byte_size // max(group.num_rows, 1) for group in groups), default=0)
        height = min(_CHUNK_LETTERS, max(1, _CHUNK_BYTES // (bytes_each + 1)))
        for batch in file.iter_batches(batch_size=height, columns=LETTER_SCHEMA.names()):
            frame = pl.DataFrame(pl.from_arrow(batch))
            if not frame.is_empty():
                yield frame.cast(LETTER_SCHEMA)


def _rows(
    connection: sa.Connection, frame: pl.DataFrame, batch: BatchFacts, shared: _Shared, storage: RawStorage
) -> list[tuple[Any, ...]]:
    """The staging table's rows, in its columns' order."""
    raws = frame["raw"].to_list()
    ids = list(letter_ids(batch.dataset, zip(frame["file_digest"], frame["line"], raws, strict=True)))
    kept = [storage.keep(id_, raw) for id_, raw in zip(ids, raws, strict=True)]
    return list(
        zip(
            ids,
            [shared.sources[place] for place in zip(frame["file"], frame["file_digest"], strict=True)],
            *(frame[name].to_list() for name in ("line", "last_line", "byte_offset", "records")),
            [raw for raw, _ in kept],
            [form for _, form in kept],
            _signature_keys(connection, frame, batch.dataset, shared.signatures),
            [shared.run_key] * frame.height,
            strict=True,
        )
    )


def _run_key(connection: sa.Connection, batch: BatchFacts) -> int:
    run = tables.run
    values = batch.model_dump(include={"dataset", "run_id", "contract_digest", "suite_digest", "seen_at"})
    same = sa.and_(run.c.dataset == batch.dataset, run.c.run_id == batch.run_id)
    return _key_of(connection, run.c.run_key, same, values)


def _source_keys(connection: sa.Connection, frame: pl.DataFrame, batch: BatchFacts) -> dict[tuple[str, str], int]:
    facts = {file.file_digest: file for file in batch.files}
    source, keys = tables.source, {}
    for file, digest in frame.select("file", "file_digest").unique(maintain_order=True).iter_rows():
        values: dict[str, Any] = {"dataset": batch.dataset, "file": file, "file_digest": digest}
        if known := facts.get(digest):
            dialect = known.dialect.model_dump_json() if known.dialect else None
            values |= known.model_dump(include={"file_format", "encoding", "size_bytes", "records"})
            values |= {"dialect": dialect, "header": json.dumps(known.header)}
        same = sa.and_(*(source.c[name] == values[name] for name in ("dataset", "file", "file_digest")))
        keys[file, digest] = _key_of(connection, source.c.source_key, same, values)
    return keys


def _signature_keys(connection: sa.Connection, frame: pl.DataFrame, dataset: str, known: dict[str, int]) -> list[int]:
    """A key a letter, for its stage and list of reasons together."""
    reasons = pl.col("reasons").list.eval(pl.element().struct.json_encode()).list.join(",")
    start, end = pl.lit('{"stage":"'), pl.lit("]}")
    texts = frame.select(pl.concat_str(start, "stage", pl.lit('","reasons":['), reasons, end))
    column = texts.to_series()
    for text in column.unique(maintain_order=True):
        if text not in known:
            known[text] = _signature_key(connection, dataset, text)
    return [known[text] for text in column.to_list()]


def _signature_key(connection: sa.Connection, dataset: str, text: str) -> int:
    signature, content = tables.signature, json.loads(text)
    digest = hashlib.sha256(f"{dataset}\0{text}".encode()).digest()
    values = {"digest": digest, "dataset": dataset, "stage": content["stage"]}
    found = connection.execute(sa.select(signature.c.signature_key).where(signature.c.digest == digest)).scalar()
    if found is not None:
        return int(found)
    key = _key_of(connection, signature.c.signature_key, signature.c.digest == digest, values)
    rows = [
        {**reason, "column_name": reason.pop("column"), "signature_key": key, "ordinal": ordinal}
        for ordinal, reason in enumerate(content["reasons"])
    ]
    connection.execute(sa.insert(tables.reason), rows)
    return key


def _key_of(
    connection: sa.Connection, key: sa.Column[Any], same: sa.ColumnElement[bool], values: dict[str, Any]
) -> int:
    """The key of the row that is the `same`, inserted where there is none. Writers are alone (database.writing)."""
    found = connection.execute(sa.select(key).where(same)).scalar()
    if found is None:
        found = connection.execute(sa.insert(key.table).values(values).returning(key)).scalar_one()
    return int(found)


def _fill_staging(connection: sa.Connection, rows: list[tuple[Any, ...]]) -> None:
    connection.execute(sa.schema.CreateTable(tables.staging, if_not_exists=True))
    connection.execute(sa.delete(tables.staging))
    names = ", ".join(tables.staging.c.keys())
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection  # psycopg's, which SQLAlchemy does not describe
        with driver.cursor() as cursor, cursor.copy(f"COPY dead_letter_staging ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(tables.staging.c))
        connection.exec_driver_sql(f"INSERT INTO dead_letter_staging ({names}) VALUES ({marks})", rows)  # noqa: S608 - constants


# In the order of ids, which is the index's: its pages are then visited once a piece. A letter that is known keeps its
# first run, status and attempts; the newest run's view of it counts, whatever order loads come in.
_INSERT_NEW = sa.text(
    """
    INSERT INTO dead_letter (id, source_key, line, last_line, byte_offset, records, raw, raw_form, signature_key,
                             first_run_key, last_run_key)
    SELECT id, source_key, line, last_line, byte_offset, records, raw, raw_form, signature_key, run_key, run_key
    FROM dead_letter_staging WHERE true ORDER BY id
    ON CONFLICT (id) DO NOTHING
    """
)
_UPDATE_KNOWN = sa.text(
    """
    UPDATE dead_letter SET signature_key = s.signature_key, last_run_key = s.run_key
    FROM dead_letter_staging s
    WHERE dead_letter.id = s.id AND dead_letter.last_run_key < s.run_key
    """
)
_UPDATE_FIRST = sa.text(
    """
    UPDATE dead_letter SET first_run_key = s.run_key
    FROM dead_letter_staging s
    WHERE dead_letter.id = s.id AND dead_letter.first_run_key > s.run_key
    """
)


def _merge(connection: sa.Connection) -> Added:
    staged = connection.execute(sa.select(sa.func.count()).select_from(tables.staging)).scalar_one()
    new = connection.execute(_INSERT_NEW).rowcount
    if new < staged:
        connection.execute(_UPDATE_KNOWN)
        connection.execute(_UPDATE_FIRST)
    return Added(new=new, known=staged - new)
