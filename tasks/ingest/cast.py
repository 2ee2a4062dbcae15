"""Text columns cast to the contract's types, by the contract's formats only; what does not cast is a reason."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.dead_letters.letter import LINE, REASON, SPAN
from tasks.ingest.cast_column import Miscast, cast_column
from tasks.ingest.letters import reason


class Cast(NamedTuple):
    """The rows of a block whose every value casts, and what is wrong with the others."""

    rows: pl.DataFrame  # the contract's columns, typed, then `__line` and `__span`
    failed: pl.DataFrame  # `row` (place in the block) and `reasons`, a row a failed record
    blanks_stripped: int  # values that cast only without the blanks around them


FAILED_SCHEMA = pl.Schema({"row": pl.UInt32(), "reasons": pl.List(REASON)})


def cast_records(records: pl.DataFrame, contract: Contract) -> Cast:
    """Cast a block of text records.

    Args:
        records: the contract's columns as text, then `__line` and `__span`.
        contract: types, formats and the texts read as missing.
    """
    miscasts: list[pl.DataFrame] = []
    columns, stripped = [], 0
    for place, (name, column) in enumerate(contract.columns.items()):
        done = cast_column(records[name], column, contract.null_values)
        columns.append(done.values)
        stripped += done.blanks_stripped
        miscasts += [_reasons(found, name, column, place) for found in done.miscasts]
    rows = pl.DataFrame([*columns, records[LINE], records[SPAN]])
    if not miscasts:
        return Cast(rows, pl.DataFrame(schema=FAILED_SCHEMA), stripped)
    failed = pl.concat(miscasts).sort("row", "place").group_by("row", maintain_order=True).agg("reasons")
    is_good = pl.repeat(True, rows.height, eager=True).scatter(failed["row"], False)
    return Cast(rows.filter(is_good), failed, stripped)


def _reasons(found: Miscast, name: str, column: Column, place: int) -> pl.DataFrame:
    why = reason(found.code, message(found.code, name, column), name)
    return pl.DataFrame({"row": found.rows.cast(pl.UInt32)}).with_columns(
        pl.lit(place).alias("place"), pl.lit(why, dtype=REASON).alias("reasons")
    )


def message(code: str, name: str, column: Column) -> str:
    """What a miscast is, in a sentence without the value."""
    if code == "decimal_too_precise":
        return f"column {name!r} has more than {column.scale} digits after the point"
    if code == "integer_out_of_range":
        return f"column {name!r} is a whole number outside the range of 64 bits"
    if code == "ambiguous_datetime":
        return f"column {name!r} is a local time that the clocks of {column.time_zone} show twice or never"
    if column.type in (ColumnType.DATETIME, ColumnType.DATE):
        return f"column {name!r} is not a {column.type} in the formats {', '.join(column.formats)}"
    words = {ColumnType.INTEGER: "a whole number", ColumnType.BOOLEAN: "true or false"}
    return f"column {name!r} is not {words.get(column.type, 'a finite number')}"
