"""The questions the dead-letter table is asked. Each reads an index, not the letters."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from expectations.errors import UsageError
from tasks.dead_letters import tables
from tasks.dead_letters.models import FileFacts, Filters, Reason, ReasonCount, Stats, Status, StoredLetter
from tasks.models import Dialect, Stage

_AGES = {"under 1 day": 1, "1 to 7 days": 7, "7 to 30 days": 30}
_OLDEST = "over 30 days"

_letter, _source, _signature, _reason = tables.letter, tables.source, tables.signature, tables.reason
_IS_KNOWN = _reason.c.status.is_distinct_from("unknown")  # a rule that could not be asked is no reason to count
_first, _last = tables.run.alias("first_run"), tables.run.alias("last_run")
_Order = tuple[sa.Column[Any], ...]
_BY_KIND: _Order = (_letter.c.signature_key, _letter.c.letter_key)


def conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """The filters as conditions on the letter table alone."""
    found: list[sa.ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(_letter.c.status == filters.status.value)
    if filters.ids:
        whole = [bytes.fromhex(one) for one in filters.ids if re.fullmatch("[0-9a-f]{64}", one)]
        beginnings = [_begins_with(one) for one in filters.ids if not re.fullmatch("[0-9a-f]{64}", one)]
        found.append(sa.or_(_letter.c.id.in_(whole), *beginnings))
    if filters.file is not None:
        found.append(_letter.c.source_key.in_(sa.select(_source.c.source_key).where(_file_matches(filters.file))))
    if (signatures := _signatures(filters)) is not None:
        found.append(_letter.c.signature_key.in_(signatures))
    if filters.run_id is not None:
        runs = sa.select(tables.run.c.run_key).where(tables.run.c.run_id == filters.run_id)
        found.append(sa.or_(_letter.c.first_run_key.in_(runs), _letter.c.last_run_key.in_(runs)))
    if filters.first_seen_before is not None or filters.first_seen_after is not None:
        found.append(_letter.c.first_run_key.in_(_runs_between(filters.first_seen_after, filters.first_seen_before)))
    return found


def _begins_with(text: str) -> sa.ColumnElement[bool]:
    """Ids that begin with some hexadecimal digits, as a range of the id's index."""
    digits = text.lower()
    if not digits or len(digits) > 64 or not set(digits) <= set("0123456789abcdef"):
        raise UsageError(f"{text!r} is not an id: ids are up to 64 hexadecimal digits")
    return _letter.c.id.between(bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f")))


def _file_matches(text: str) -> sa.ColumnElement[bool]:
    def literal(part: str) -> str:
        return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

    is_glob = "*" in text or "?" in text
    pattern = literal(text).replace("*", "%").replace("?", "_") if is_glob else f"%{literal(text)}%"
    return _source.c.file.like(pattern, escape="\\")


def _signatures(filters: Filters) -> sa.Select[Any] | None:
    wanted: list[sa.ColumnElement[bool]] = []
    if filters.dataset is not None:
        wanted.append(_signature.c.dataset == filters.dataset)
    if filters.stage is not None:
        wanted.append(_signature.c.stage == filters.stage.value)
    on_reason = [
        column == value
        for column, value in (
            (_reason.c.code, filters.reason),
            (_reason.c.column_name, filters.column),
            (_reason.c.rule_id, filters.rule_id),
        )
        if value is not None
    ]
    if on_reason:
        wanted.append(_signature.c.signature_key.in_(sa.select(_reason.c.signature_key).where(_IS_KNOWN, *on_reason)))
    return sa.select(_signature.c.signature_key).where(*wanted) if wanted else None


def _runs_between(after: datetime | None, before: datetime | None) -> sa.Select[Any]:
    runs = sa.select(tables.run.c.run_key)
    runs = runs if after is None else runs.where(tables.run.c.seen_at >= after)
    return runs if before is None else runs.where(tables.run.c.seen_at < before)


def count(connection: sa.Connection, filters: Filters) -> int:
    """How many letters there are."""
    query = sa.select(sa.func.count()).select_from(_letter).where(*conditions(filters))
    return int(connection.execute(query).scalar_one())


def counts_by_reason(connection: sa.Connection, filters: Filters) -> tuple[ReasonCount, ...]:
    """Letters by dataset, stage, code and column, the most frequent first."""
    query = (
        sa.select(_letter.c.signature_key, sa.func.count())
        .where(*conditions(filters))
        .group_by(_letter.c.signature_key)
    )
    return _by_reason(connection, dict(connection.execute(query).tuples().all()))


def _by_reason(connection: sa.Connection, letters: Mapping[int, int]) -> tuple[ReasonCount, ...]:
    """Letters by reason, from how many there are of each signature."""
    # A rule can appear twice in one letter's reasons: the letter counts once a code and column.
    query = (
        sa.select(
            _signature.c.signature_key, _signature.c.dataset, _signature.c.stage, _reason.c.code, _reason.c.column_name
        )
        .join(_reason, _reason.c.signature_key == _signature.c.signature_key)
        .where(_IS_KNOWN)
        .distinct()
    )
    counted: Counter[tuple[str, Stage, str, str | None]] = Counter()
    for signature, dataset, stage, code, column in connection.execute(query):
        if signature in letters:
            counted[dataset, Stage(stage), code, column] += letters[signature]
    found = [
        ReasonCount(dataset=dataset, stage=stage, code=code, column=column, letters=number)
        for (dataset, stage, code, column), number in counted.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.letters, one.dataset, one.stage, one.code, one.column or "")))


def letters(connection: sa.Connection, filters: Filters, limit: int | None) -> Iterator[StoredLetter]:
    """Letters with their reasons; memory is bounded. A page of them is read in the order an index has them in."""
    chosen = sa.and_(True, *conditions(filters))
    if limit is None or filters.ids:
        yield from stored_letters(connection, chosen, limit=limit)
        return
    for part, order in _parts(connection, filters):
        for letter in stored_letters(connection, sa.and_(chosen, part), order, limit):
            yield letter
            limit -= 1
        if not limit:
            return


def _parts(connection: sa.Connection, filters: Filters) -> Iterator[tuple[sa.ColumnElement[bool], _Order]]:
    """The letters in parts, each with the order of an index: by file where one is asked for, by kind otherwise."""
    if filters.file is not None:
        sources = sa.select(_source.c.source_key).where(_file_matches(filters.file)).order_by(_source.c.source_key)
        for source in connection.execute(sources).scalars().all():
            yield _letter.c.source_key == source, (_letter.c.line, _letter.c.letter_key)
        return
    wanted = _signatures(filters)
    signatures = sa.select(_signature.c.signature_key) if wanted is None else wanted
    for signature in sorted(connection.execute(signatures).scalars()):
        for status in Status if filters.status is None else [filters.status]:
            is_kind = sa.and_(_letter.c.signature_key == signature, _letter.c.status == status.value)
            yield is_kind, (_letter.c.first_run_key, _letter.c.letter_key)


def stored_letters(
    connection: sa.Connection, where: sa.ColumnElement[bool], order: _Order = _BY_KIND, limit: int | None = None
) -> Iterator[StoredLetter]:
    """Letters chosen by a condition on the letter table."""
    if limit is not None:  # the page is found in the index alone; only its letters are then read whole
        where = _letter.c.letter_key.in_(sa.select(_letter.c.letter_key).where(where).order_by(*order).limit(limit))
    query = (
        sa.select(
            _letter,
            _source.c.dataset,
            _source.c.file,
            _source.c.file_digest,
            _signature.c.stage,
            _first.c.run_id.label("first_run"),
            _first.c.seen_at.label("first_seen_at"),
            _last.c.run_id.label("last_run"),
            _last.c.seen_at.label("last_seen_at"),
            _last.c.contract_digest,
            _last.c.suite_digest,
        )
        .join(_source, _source.c.source_key == _letter.c.source_key)
        .join(_signature, _signature.c.signature_key == _letter.c.signature_key)
        .join(_first, _first.c.run_key == _letter.c.first_run_key)
        .join(_last, _last.c.run_key == _letter.c.last_run_key)
        .where(where)
        .order_by(*order)
        .execution_options(yield_per=1_000)
    )
    reasons: dict[int, tuple[Reason, ...]] = {}
    for row in connection.execute(query).mappings():
        key = row["signature_key"]
        if key not in reasons:
            reasons[key] = _reasons(connection, key)
        yield _stored(row, reasons[key])


def _reasons(connection: sa.Connection, signature_key: int) -> tuple[Reason, ...]:
    query = sa.select(_reason).where(_reason.c.signature_key == signature_key).order_by(_reason.c.ordinal)
    return tuple(
        Reason(
            code=row["code"],
            rule_id=row["rule_id"],
            column=row["column_name"],
            severity=row["severity"],
            status=row["status"],
            message=row["message"],
        )
        for row in connection.execute(query).mappings()
    )


def _stored(row: sa.RowMapping, reasons: tuple[Reason, ...]) -> StoredLetter:
    same = {name: row[name] for name in StoredLetter.model_fields if name not in ("id", "reasons")}
    return StoredLetter(id=bytes(row["id"]).hex(), reasons=reasons, **same)


def file_facts(connection: sa.Connection) -> dict[str, FileFacts]:
    """How the source files are written, by digest; files nothing is known of are left out."""
    rows = connection.execute(sa.select(_source).where(_source.c.file_format.is_not(None))).mappings()
    return {row["file_digest"]: _facts(row) for row in rows}


def _facts(row: sa.RowMapping) -> FileFacts:
    plain = {name: row[name] for name in ("file_digest", "file_format", "encoding", "size_bytes", "records")}
    dialect = Dialect.model_validate_json(row["dialect"]) if row["dialect"] else None
    return FileFacts(dialect=dialect, header=tuple(json.loads(row["header"] or "[]")), **plain)


def stats(connection: sa.Connection, filters: Filters, now: datetime) -> Stats:
    """How the letters the filters choose stand, whatever their status, seen at `now`; one walk over an index."""
    keys = (_letter.c.status, _letter.c.signature_key, _letter.c.first_run_key)
    where = conditions(filters.model_copy(update={"status": None}))
    counted = connection.execute(sa.select(*keys, sa.func.count()).where(*where).group_by(*keys)).all()
    seen_at = dict(connection.execute(sa.select(tables.run.c.run_key, tables.run.c.seen_at)).tuples().all())
    by_status = dict.fromkeys(Status, 0)
    open_by_signature: Counter[int] = Counter()
    ages = dict.fromkeys([*_AGES, _OLDEST], 0)
    for status, signature, first_run, number in counted:
        by_status[Status(status)] += number
        if status == Status.OPEN:
            open_by_signature[signature] += number
            ages[_age(now - seen_at[first_run])] += number
    return Stats(
        by_status=by_status,
        oldest_open_at=min((seen_at[run] for status, _, run, _ in counted if status == Status.OPEN), default=None),
        open_by_reason=_by_reason(connection, open_by_signature),
        open_by_age=ages,
    )


def _age(since: timedelta) -> str:
    return next((name for name, days in _AGES.items() if since < timedelta(days=days)), _OLDEST)


def utc_now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)
