"""What drift policies do to the rows of a file: values kept as text, values dropped, rows refused; and what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from expectations.contract import Contract, text_column
from expectations.drift import DriftPolicy
from tasks.dead_letters.letter import REASON
from tasks.ingest.cast_column import CastColumn
from tasks.ingest.letters import reason
from tasks.ingest.retype import as_text
from tasks.models import Finding

Noted = Counter[tuple[str, str]]  # how many values of a column, by the finding's code and the column

RETYPED = "retyped"
_MOST = 0.5  # of a file's records: with fewer a column has dirt in it, with more it is of another type


class Watched(NamedTuple):
    """A column of a file whose values the drift policy does not let in."""

    name: str  # while it is read
    as_written: str
    code: str  # of the dead letters
    rejects_row: bool  # else the value is dropped and counted

    @property
    def message(self) -> str:
        """Why a row is a dead letter."""
        is_alias = self.code == "renamed_column"
        known = "which is only an alias in the contract" if is_alias else "which the contract does not have"
        return f"the record has a value in the column {self.as_written!r}, {known}"


class Condemned(NamedTuple):
    """What is wrong with every row of a file."""

    code: str
    message: str
    column: str | None = None


class Refused(NamedTuple):
    """One reason why some rows are not let in."""

    rows: pl.Series
    why: dict[str, str | None]
    place: int  # among the reasons of a row


def refuse(
    records: pl.DataFrame, null_values: Sequence[str], watched: Sequence[Watched], condemned: Sequence[Condemned]
) -> tuple[list[Refused], Noted]:
    """Why rows are not let in, and how many values are dropped.

    Args:
        records: with the watched columns, as text or typed.
        null_values: the texts read as missing; so is an empty one.
        watched: columns whose values are not let in.
        condemned: what is wrong with every row.
    """
    refused, dropped = [], Noted()
    every = pl.arange(records.height, dtype=pl.UInt32, eager=True)
    for place, why in enumerate(condemned):
        refused.append(Refused(every, reason(*why), place - len(condemned)))
    for place, one in enumerate(watched, records.width):
        texts = as_text(records.get_column(one.name))
        rows = (texts.is_not_null() & ~texts.is_in([*null_values, ""])).arg_true()
        if not one.rejects_row:
            dropped[one.code, one.as_written] += len(rows)
        elif len(rows):
            refused.append(Refused(rows, reason(one.code, one.message, one.as_written), place))
    return refused, dropped


def reasons_by_row(refused: Sequence[Refused]) -> pl.DataFrame:
    """The rows that are not let in, in order, as `row`, and all their `reasons`."""
    rows = np.concatenate([one.rows.to_numpy() for one in refused])
    which = np.repeat(np.arange(len(refused)), [len(one.rows) for one in refused])
    order = np.lexsort((np.array([one.place for one in refused])[which], rows))
    reasons = pl.Series([one.why for one in refused], dtype=REASON).gather(which[order])
    table = pl.DataFrame({"row": pl.Series(rows[order], dtype=pl.UInt32), "reasons": reasons})
    return table.group_by("row", maintain_order=True).agg("reasons")


def let_pass(values: pl.Series, done: CastColumn, contract: Contract) -> dict[str, pl.Series]:
    """A column without the values that do not fit, and where the policy keeps these, their texts in another one."""
    rows = pl.concat([found.rows for found in done.miscasts])
    fits = pl.repeat(True, values.len(), eager=True).scatter(rows, False)
    columns = {values.name: pl.select(pl.when(fits).then(done.values)).to_series().alias(values.name)}
    if contract.drift.retyped is DriftPolicy.EVOLVE:
        name = text_column(values.name)
        texts = pl.repeat(None, values.len(), dtype=pl.String, eager=True)
        columns[name] = texts.scatter(rows, as_text(values.gather(rows))).alias(name)
    return columns


def drift_findings(noted: Noted, contract: Contract, records: int) -> list[Finding]:
    """What to say of the values that drift policies dealt with.

    Args:
        noted: what `cast_records` counted, of the whole file.
        contract: for its policies.
        records: how many the file holds.
    """
    drift = contract.drift
    found = [
        _finding("extra_values", f"values dropped (drift.extra: {drift.extra})", _of(noted, "extra_column")),
        _finding("renamed_values", f"values dropped (drift.renamed: {drift.renamed})", _of(noted, "renamed_column")),
        _retyped(drift.retyped, _of(noted, RETYPED), records),
    ]
    return [one for one in found if one is not None]


def retyped_fault(noted: Noted, contract: Contract) -> str | None:
    """Why a file is a dead letter whose values do not fit their columns' types; None where it is none."""
    columns = _of(noted, RETYPED)
    if not columns or contract.drift.retyped is not DriftPolicy.FAIL:
        return None
    count = sum(columns.values())
    return f"{count:,} values do not fit the types of their columns, {_listed(columns)} (drift.retyped: fail)"


def _retyped(policy: DriftPolicy, columns: dict[str, int], records: int) -> Finding | None:
    if policy is DriftPolicy.EVOLVE:
        said = "values that do not fit the contract's type, kept as text in columns of their own"
    elif policy is DriftPolicy.DISCARD_VALUE:
        said = "values that do not fit the contract's type, read as missing"
    else:
        said = "more than half of the values do not fit the contract's type"
        columns = {name: count for name, count in columns.items() if count > _MOST * records}
    return _finding("retyped_columns", f"{said} (drift.retyped: {policy})", columns)


def _of(noted: Noted, wanted: str) -> dict[str, int]:
    return {column: count for (code, column), count in noted.items() if code == wanted and count}


def _finding(code: str, message: str, columns: dict[str, int]) -> Finding | None:
    if not columns:
        return None
    return Finding(code=code, message=f"{message}: {_listed(columns)}", count=sum(columns.values()))


def _listed(columns: dict[str, int]) -> str:
    if len(columns) == 1:
        return repr(next(iter(columns)))
    return ", ".join(f"{name!r} ({count:,})" for name, count in columns.items())
