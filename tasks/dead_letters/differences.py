"""Two versions of a run's tables beside each other: what moved, by how much, and because of which dead letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.letter import LINE
from tasks.dead_letters.replays import Release
from tasks.models import Analysis, Frozen, Rows, ValidatedBatch

_SHOWN_ROWS = 50
_SHOWN_LETTERS = 5
_OLD, _NEW, _ONE = "__old", "__new", "__one"


class Version(NamedTuple):
    """One version of a run."""

    run_id: str
    batch: ValidatedBatch
    analysis: Analysis | None


class CellChange(Frozen):
    """One number that moved. `before` or `after` is None where the row is in one version only."""

    column: str
    before: str | None
    after: str | None
    by: str | None


class RowChange(Frozen):
    """One row that moved, and released letters that belong to it."""

    key: tuple[str, ...]
    cells: tuple[CellChange, ...]
    letters: tuple[str, ...] = ()
    more_letters: int = 0

    @property
    def by_column(self) -> dict[str, CellChange]:
        """The numbers that moved, by their column."""
        return {cell.column: cell for cell in self.cells}


class TableChange(Frozen):
    """One table; `rows` shows the rows that moved most."""

    name: str
    key: tuple[str, ...]
    added: int
    removed: int
    changed: int
    rows: tuple[RowChange, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in which a row that is shown moved."""
        return tuple(dict.fromkeys(cell.column for row in self.rows for cell in row.cells))


class Differences(Frozen):
    """A run and its restatement."""

    before: str
    after: str
    verdict_before: str
    verdict_after: str
    rows_before: Rows
    rows_after: Rows
    released: tuple[str, ...]
    tables: tuple[TableChange, ...]


def compare(
    before: Version, after: Version, released: Sequence[Release], contract: Contract, store: ArtifactStore
) -> Differences:
    """Hold two versions of a run against each other.

    Args:
        before: the older one.
        after: the newer one.
        released: the dead letters released in between.
        contract: says which columns are personal, and which is the entity and the start.
        store: where the tables are.
    """
    old, new = _tables(before.analysis, store), _tables(after.analysis, store)
    causes = _causes(after, released, contract, store)
    changes = [_entity_change(before, after, causes, contract, store)] if contract.roles.entity else []
    changes += [_table_change(name, old.get(name), new.get(name), causes) for name in sorted({*old, *new})]
    return Differences(
        before=before.run_id,
        after=after.run_id,
        verdict_before=before.batch.gate.verdict.value,
        verdict_after=after.batch.gate.verdict.value,
        rows_before=before.batch.rows,
        rows_after=after.batch.rows,
        released=tuple(one.letter_id for one in released),
        tables=tuple(change for change in changes if change.added or change.removed or change.changed),
    )


def _tables(analysis: Analysis | None, store: ArtifactStore) -> dict[str, pl.LazyFrame]:
    return {name: pl.scan_parquet(store.path(ref)) for name, ref in analysis.tables.items()} if analysis else {}


class _Causes(NamedTuple):
    """Ids of released letters by the entity and by the day of their rows, both as text."""

    by_entity: Mapping[str, Sequence[str]]
    by_day: Mapping[str, Sequence[str]]

    def of(self, key: Sequence[Any]) -> Sequence[str]:
        """The letters that belong to a row of a table."""
        return next((self.by_entity.get(str(part)) or self.by_day.get(str(part)) or () for part in key), ())


def _causes(after: Version, released: Sequence[Release], contract: Contract, store: ArtifactStore) -> _Causes:
    found = _accepted_rows(after, released, contract, store)
    by = {
        name: found.filter(pl.col(name).is_not_null()).group_by(name, maintain_order=True).agg("id")
        for name in ("entity", "day")
    }
    return _Causes(
        *(dict(zip(frame[name].to_list(), frame["id"].to_list(), strict=True)) for name, frame in by.items())
    )


def _accepted_rows(
    after: Version, released: Sequence[Release], contract: Contract, store: ArtifactStore
) -> pl.DataFrame:
    """`id`, `entity` and `day` of the released letters' rows, where they were accepted."""
    entity, start = contract.roles.entity, contract.roles.start
    schema = {"digest": pl.String, "line": pl.Int64, "id": pl.String}
    letters = pl.DataFrame([(one.file_digest, one.line, one.letter_id) for one in released], schema, orient="row")
    found = [pl.DataFrame(schema={"id": pl.String, "entity": pl.String, "day": pl.String})]
    for file in after.batch.files:
        ours = letters.filter(pl.col("digest") == file.source.digest)
        if file.accepted is None or ours.is_empty():
            continue
        rows = pl.scan_parquet(store.path(file.accepted)).join(ours.lazy(), left_on=LINE, right_on="line", how="inner")
        who = pl.col(entity).cast(pl.String) if entity else pl.lit(None, pl.String)
        day = pl.col(start).dt.date().cast(pl.String) if start else pl.lit(None, pl.String)
        found.append(rows.select("id", who.alias("entity"), day.alias("day")).collect(engine="streaming"))
    return pl.concat(found).sort("id")


def _entity_change(
    before: Version, after: Version, causes: _Causes, contract: Contract, store: ArtifactStore
) -> TableChange:
    """Rows and total value of each entity. The result tables call personal entities by their places, which move."""
    name = contract.roles.entity
    assert name is not None
    old, new = (_by_entity(version, contract, store) for version in (before, after))
    change = _table_change(f"by {name}", old, new, causes)
    if name not in contract.personal_columns:
        return change
    rows = [row.model_copy(update={"key": (f"{name} #{number}",)}) for number, row in enumerate(change.rows, 1)]
    return change.model_copy(update={"rows": tuple(rows)})


def _by_entity(version: Version, contract: Contract, store: ArtifactStore) -> pl.LazyFrame:
    entity, value = contract.roles.entity, contract.roles.value
    assert entity is not None
    paths = [store.path(file.accepted) for file in version.batch.files if file.accepted is not None]
    schema = {entity: pl.String, "rows": pl.UInt32} | ({f"total_{value}": pl.Float64} if value else {})
    if not paths:
        return pl.LazyFrame(schema=schema)
    total = [pl.col(value).sum().cast(pl.Float64).alias(f"total_{value}")] if value else []
    return pl.scan_parquet(paths).group_by(pl.col(entity).cast(pl.String)).agg(pl.len().alias("rows"), *total)


def _table_change(name: str, old: pl.LazyFrame | None, new: pl.LazyFrame | None, causes: _Causes) -> TableChange:
    known = old if old is not None else new
    assert known is not None
    schema = known.collect_schema()
    old = known.limit(0) if old is None else old
    new = known.limit(0) if new is None else new
    key = _key(schema, old, new)
    both = _joined(old, new, key)
    is_added, is_removed = pl.col(_OLD).is_null(), pl.col(_NEW).is_null()
    added, removed, changed = both.select(
        is_added.sum(), is_removed.sum().alias("-"), (~is_added & ~is_removed).sum().alias("±")
    ).row(0)
    numbers = [column for column in schema if column not in key]
    # What stands at a rank, or is called by its place, is another thing in each version.
    shown = both.head(0) if {"rank", "entity"} & set(key) else _largest(both, numbers, schema).head(_SHOWN_ROWS)
    rows = tuple(_row_change(row, key, numbers, causes) for row in shown.iter_rows(named=True))
    return TableChange(name=name, key=key, added=added, removed=removed, changed=changed, rows=rows)


def _key(schema: pl.Schema, old: pl.LazyFrame, new: pl.LazyFrame) -> tuple[str, ...]:
    """The fewest first columns that name a row; none in tables of one row, all of them where rows can be equal."""
    names = schema.names()
    for width in range(len(names)):
        if not any(_has_twice(frame, names[:width]) for frame in (old, new)):
            return tuple(names[:width])
    return tuple(names)


def _has_twice(frame: pl.LazyFrame, key: Sequence[str]) -> bool:
    rows = frame.select(pl.struct(key).is_duplicated().any() if key else pl.len() > 1)
    return bool(rows.collect().item())


def _joined(old: pl.LazyFrame, new: pl.LazyFrame, key: Sequence[str]) -> pl.DataFrame:
    """The rows that differ, both sides of each as a struct; null where there is none."""
    on = list(key) or [_ONE]
    sides = [
        frame.select(*key, *([] if key else [pl.lit(1).alias(_ONE)]), pl.struct(pl.all()).alias(side)).unique(on)
        for frame, side in ((old, _OLD), (new, _NEW))
    ]
    joined = sides[0].join(sides[1], on=on, how="full", coalesce=True, nulls_equal=True)
    return joined.filter(pl.col(_OLD).ne_missing(pl.col(_NEW))).sort(on).collect(engine="streaming")


def _largest(both: pl.DataFrame, numbers: Sequence[str], schema: pl.Schema) -> pl.DataFrame:
    """The rows in the order of how far their first number moved."""
    first = next((name for name in numbers if schema[name].is_numeric()), None)
    if first is None:
        return both
    old, new = (pl.col(side).struct.field(first).cast(pl.Float64).fill_null(0) for side in (_OLD, _NEW))
    return both.sort((new - old).abs(), descending=True, maintain_order=True)


def _row_change(row: Mapping[str, Any], key: Sequence[str], numbers: Sequence[str], causes: _Causes) -> RowChange:
    old, new = row[_OLD] or {}, row[_NEW] or {}
    cells = [_cell_change(name, old.get(name), new.get(name)) for name in numbers if old.get(name) != new.get(name)]
    letters = causes.of([row[part] for part in key])
    return RowChange(
        key=tuple(str(row[part]) for part in key),
        cells=tuple(cells),
        letters=tuple(letters[:_SHOWN_LETTERS]),
        more_letters=max(0, len(letters) - _SHOWN_LETTERS),
    )


def _cell_change(name: str, old: Any, new: Any) -> CellChange:
    is_number = not any(isinstance(value, str | bool) or value is None for value in (old, new))
    places = max(_places(old), _places(new))
    by = _text(new - old, places, "+") if is_number else None
    return CellChange(column=name, before=_text(old, places), after=_text(new, places), by=by)


def _places(value: Any) -> int:
    """How many digits of a float behind the point say something; more come of taking floats from each other."""
    return len(f"{value:.9f}".rstrip("0").partition(".")[2]) if isinstance(value, float) else 0


def _text(value: Any, places: int, sign: str = "") -> str | None:
    if isinstance(value, int):
        return f"{value:{sign},}"
    if isinstance(value, float):
        return f"{value:{sign},.{places}f}"
    return None if value is None else str(value)
