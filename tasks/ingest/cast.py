"""Text columns cast to the contract's types, by the contract's formats only; what does not cast is a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from expectations.contract import Column, ColumnType, Contract
from expectations.drift import DriftPolicy
from tasks.dead_letters.letter import LINE, REASON, SPAN
from tasks.ingest.cast_column import CastColumn, Miscast, is_doubtful, look_again, values_of
from tasks.ingest.drift import RETYPED, Condemned, Noted, Refused, Watched, let_pass, reasons_by_row, refuse
from tasks.ingest.format_order import in_order_of_use
from tasks.ingest.letters import reason
from tasks.ingest.retype import retyped


class Cast(NamedTuple):
    """The rows of a block whose every value casts, and what is wrong with the others."""

    rows: pl.DataFrame  # `landed_schema`
    failed: pl.DataFrame  # `row` (place in the block) and `reasons`, a row a failed record
    blanks_stripped: int  # values that cast only without the blanks around them
    noted: Noted
    miscast: pl.DataFrame  # `landed_schema` of the failed records, null where a value does not cast


_NONE_FAILED = pl.DataFrame(schema={"row": pl.UInt32, "reasons": pl.List(REASON)})
_DOUBT = "__doubt_"
_MANY = 10_000  # rows; for fewer, to wake other threads costs more than they save
_PASSING = (DriftPolicy.DISCARD_VALUE, DriftPolicy.EVOLVE)


def cast_records(
    records: pl.DataFrame, contract: Contract, watched: Sequence[Watched] = (), condemned: Sequence[Condemned] = ()
) -> Cast:
    """Cast a block of text records.

    Args:
        records: the contract's columns and those watched, as text or typed; then `__line` and `__span`.
        contract: types, formats, the texts read as missing, and what is done with values that do not fit.
        watched: columns whose values are not let in.
        condemned: what is wrong with every row.
    """
    cast = _columns(records, in_order_of_use(contract, records))
    values, miscasts, noted = _judged(cast, records, contract)
    refused, dropped = refuse(records, contract.null_values, watched, condemned)
    rows = pl.DataFrame([*values, records.get_column(LINE), records.get_column(SPAN)])
    stripped = sum(done.blanks_stripped for done in cast.values())
    if not miscasts and not refused:
        return Cast(rows, _NONE_FAILED, stripped, noted + dropped, rows.clear())
    failed = reasons_by_row([*miscasts, *refused])
    is_good = np.ones(rows.height, np.bool_)
    is_good[failed["row"].to_numpy()] = False
    return Cast(rows.filter(is_good), failed, stripped, noted + dropped, rows.filter(~is_good))


def _columns(records: pl.DataFrame, contract: Contract) -> dict[str, CastColumn]:
    texts = {name: column for name, column in contract.columns.items() if records.schema[name] == pl.String}
    select = records.select if records.height > _MANY else records.select_seq
    first = select(*_first_pass(texts, contract.null_values))
    done = {}
    for name, column in contract.columns.items():
        if name not in texts:
            done[name] = retyped(records.get_column(name), column, contract.null_values)
        elif first.get_column(_DOUBT + name).any():
            done[name] = look_again(records.get_column(name), first.get_column(name), column, contract.null_values)
        else:
            done[name] = CastColumn(first.get_column(name), [])
    return done


def _judged(
    cast: dict[str, CastColumn], records: pl.DataFrame, contract: Contract
) -> tuple[list[pl.Series], list[Refused], Noted]:
    """The columns, the reasons of rows that are not let in, and how many values of each column do not fit."""
    values = {name: done.values.alias(name) for name, done in cast.items()}
    miscasts, noted = [], Noted()
    for place, (name, done) in enumerate(cast.items()):
        if not done.miscasts:
            continue
        noted[RETYPED, name] = sum(len(found.rows) for found in done.miscasts)
        if contract.drift.retyped in _PASSING:
            values |= let_pass(records.get_column(name), done, contract)
        else:
            miscasts += [_refused(found, name, contract.columns[name], place) for found in done.miscasts]
    return list(values.values()), miscasts, noted


def _first_pass(columns: dict[str, Column], null_values: tuple[str, ...]) -> Iterator[pl.Expr]:
    """All columns cast, and for each whether that needs a second look: in one go, as that is much the fastest."""
    for name, column in columns.items():
        yield from _first_look(name, column, null_values)


@lru_cache(maxsize=1024)  # to make expressions costs more than to use them on some hundred rows
def _first_look(name: str, column: Column, null_values: tuple[str, ...]) -> tuple[pl.Expr, pl.Expr]:
    text = pl.col(name)
    return values_of(text, column).alias(name), is_doubtful(text, column, null_values).alias(_DOUBT + name)


def _refused(found: Miscast, name: str, column: Column, place: int) -> Refused:
    return Refused(found.rows, reason(found.code, message(found.code, name, column), name), place)


def message(code: str, name: str, column: Column) -> str:
    """What a miscast is, in a sentence without the value."""
    if code == "decimal_too_precise":
        return f"column {name!r} has more than {column.scale} digits after the point"
    if code == "integer_out_of_range":
        return f"column {name!r} is a whole number outside the range of 64 bits"
    if code == "ambiguous_datetime":
        return f"column {name!r} is a local time that the clocks of {column.time_zone} show twice or never"
    if code == "unexpected_time_zone":
        return f"column {name!r} comes with a time zone, and the contract names none to convert it to (`time_zone`)"
    if column.type in (ColumnType.DATETIME, ColumnType.DATE):
        return f"column {name!r} is not a {column.type} in the formats {', '.join(column.formats)}"
    words = {ColumnType.INTEGER: "a whole number", ColumnType.BOOLEAN: "true or false"}
    written = f" written like {column.number_format}" if column.number_format else ""
    return f"column {name!r} is not {words.get(column.type, 'a finite number')}{written}"
