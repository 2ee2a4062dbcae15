"""Lines in quotes as a whole read in two steps: as one column, and then what its cells hold, which is the table."""

from __future__ import annotations

import numpy as np
import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_blocks import new_block
from tasks.ingest.csv_exact import read_exactly
from tasks.ingest.csv_fast import read_clean
from tasks.ingest.csv_lines import Places
from tasks.ingest.csv_native import Records
from tasks.ingest.csv_origin import letters_at
from tasks.ingest.csv_plan import Plan
from tasks.ingest.csv_read import ReadBlock
from tasks.ingest.csv_shape import Shape
from tasks.ingest.letters import NONE_FOUND
from tasks.models import Dialect

_NO_SIGN = "\x1f"  # parts nothing: there is one column
_TEXT = "line"


def plan_of_lines(plan: Plan) -> Plan:
    """How the lines are read before what is in them is, by the plan for that."""
    dialect = Dialect(delimiter=_NO_SIGN, line_end=plan.shape.dialect.line_end)
    columns = {_TEXT: Column(type=ColumnType.STRING)}  # type: ignore[call-arg]  # the rest has defaults
    contract = Contract(dataset="lines", columns=columns, null_values=())  # type: ignore[call-arg]  # the rest has defaults
    return Plan(Shape(dialect, 1), (_TEXT,), contract)


def within(read: ReadBlock, plan: Plan) -> ReadBlock:
    """The records in the lines that were read by `plan_of_lines`, at the same places in the file."""
    lines = pl.concat(read.records).sort(LINE)
    if not lines.height:
        return read._replace(records=Records(plan.no_rows, plan.no_texts))
    line_end = chr(plan.shape.line_end)
    texts = lines.get_column(_TEXT).fill_null("")
    block = new_block((line_end.join(texts) + line_end).encode(), 1, 0, plan.shape.line_end, is_last=True)
    places = _Places(lines, texts.str.count_matches(line_end, literal=True).to_numpy().astype(np.int64) + 1)
    records = read_clean(block, plan)
    dead, blank = NONE_FOUND, 0
    if records is None:
        records, dead, blank, _ = read_exactly(block, plan)
    if dead.height:
        first, spans = places.of(dead.get_column("line"), dead.get_column("last_line"))
        dead = letters_at(read.block, first - read.block.line, spans, dead.get_column("code").to_list())
    moved = Records(*map(places.moved, records))
    return ReadBlock(read.block, moved, pl.concat([read.dead, dead]).sort("line"), read.blank + blank, read.tail)


class _Places:
    """Where in the file the lines are that were found in its lines: a line end in quotes is one of the file."""

    def __init__(self, lines: pl.DataFrame, counts: Places) -> None:
        before = np.cumsum(counts) - counts
        self._lines: Places = np.arange(counts.sum()) + np.repeat(lines.get_column(LINE).to_numpy() - before, counts)

    def of(self, first: pl.Series, last: pl.Series) -> tuple[Places, Places]:
        """The line of the file that each stretch begins in, and how many it spans."""
        begin, end = (self._lines[some.to_numpy() - 1] for some in (first, last))
        return begin, end - begin + 1

    def moved(self, records: pl.DataFrame) -> pl.DataFrame:
        """Records, with the lines of the file."""
        own = records.get_column(LINE)
        line, span = self.of(own, own + records.get_column(SPAN).cast(pl.Int64) - 1)
        return records.with_columns(pl.Series(LINE, line, pl.Int64), pl.Series(SPAN, span, pl.UInt32))
