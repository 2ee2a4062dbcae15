"""The fast and the exact path read the same, and where a file is cut into blocks changes nothing."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.contract import Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.cast import cast_records
from tasks.ingest.csv_blocks import cut_blocks, new_block
from tasks.ingest.csv_exact import read_exactly
from tasks.ingest.csv_fast import read_clean
from tasks.ingest.csv_native import Records
from tasks.ingest.csv_plan import Plan
from tasks.ingest.csv_proof import wrap_whole_cells
from tasks.ingest.csv_read import read_blocks
from tasks.ingest.csv_shape import Shape
from tasks.ingest.letters import NONE_FOUND, Letter, as_letters
from tasks.ingest.row_test import row_test
from tasks.models import Dialect


class Outcome(NamedTuple):
    """What was read of some bytes."""

    rows: list[tuple[object, ...]]
    failed: list[int]  # lines of rows that do not cast
    dead: list[Letter]
    blank: int


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    quote = draw(st.sampled_from(['"', '"', "'", None]))
    dialect = Dialect(
        delimiter=draw(st.sampled_from([",", ";", "\t", " "])),
        quote=quote,
        escape=draw(st.sampled_from([None, None, "\\"])) if quote else None,
        line_end=draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])),
    )
    width, is_typed = draw(st.integers(1, 4)), draw(st.booleans())
    kinds = ["integer" if is_typed and place == 0 else "string" for place in range(width)]
    contract = Contract.model_validate(
        {
            "dataset": "any",
            "columns": {f"c{place}": {"type": kind} for place, kind in enumerate(kinds)},
            "null_values": ["N", ""] if is_typed else [],
        }
    )
    columns = tuple(contract.columns)
    return Plan(Shape(dialect, width, row_test(columns, contract)), columns, contract)


def texts(plan: Plan) -> st.SearchStrategy[bytes]:
    """Lines that are nearly right, and noise made of the signs that matter."""
    dialect = plan.shape.dialect
    quote = dialect.quote or '"'
    line_end = dialect.line_end
    inside = st.sampled_from(["a", "1", dialect.delimiter, line_end, "\n", quote * 2, "é"])
    quoted = st.lists(inside, max_size=4).map(lambda parts: f"{quote}{''.join(parts)}{quote}")
    cell = st.one_of(st.sampled_from(["1", "22", "", "N", "foo", f"5{quote}"]), quoted)
    record = st.lists(cell, min_size=plan.shape.width, max_size=plan.shape.width).map(dialect.delimiter.join)
    sign = st.sampled_from([dialect.delimiter, quote, line_end, "a", "1", "\r", "\n", "\0", "\\", " ", "é"])
    noise = st.lists(sign, max_size=6).map("".join)
    lines = st.lists(st.one_of(record, record, record, noise), min_size=1, max_size=12)
    end = st.sampled_from([line_end, ""])
    spoilt = st.sampled_from([b"", b"", b"\xff"])
    return st.tuples(lines, end, spoilt).map(lambda made: line_end.join(made[0]).encode() + made[2] + made[1].encode())


def outcome(records: Records, dead: pl.DataFrame, blank: int, plan: Plan) -> Outcome:
    sorted_texts = records.texts.sort(LINE)
    cast = cast_records(sorted_texts, plan.contract)
    rows = pl.concat([records.typed, cast.rows]).sort(LINE).rows()
    return Outcome(rows, sorted_texts[LINE].gather(cast.failed["row"]).to_list(), as_letters(dead), blank)


def in_one_block(data: bytes, plan: Plan) -> Outcome:
    read = read_exactly(new_block(data, 1, 0, plan.shape.line_end, is_last=True), plan)
    assert read.tail == 0
    return outcome(read.records, read.dead, read.blank, plan)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_the_fast_path_accepts_it_reads_as_the_exact_path_does(data: st.DataObject) -> None:
    plan = data.draw(plans())
    text = data.draw(texts(plan).filter(bool))
    fast = read_clean(new_block(text, 1, 0, plan.shape.line_end, is_last=True), plan)
    exact = in_one_block(text, plan)
    if fast is not None:
        assert outcome(fast, NONE_FOUND, 0, plan) == exact


@settings(max_examples=75, deadline=None)
@given(st.data())
def test_where_blocks_are_cut_changes_nothing(data: st.DataObject) -> None:
    plan = data.draw(plans())
    text = data.draw(texts(plan).filter(bool))
    size = data.draw(st.sampled_from([1, 5, 17, 60]))
    shape = plan.shape
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    blocks = cut_blocks(chunks, line_end=shape.line_end, quote=shape.quote, block_bytes=size)
    found = [outcome(read.records, read.dead, read.blank, plan) for read in read_blocks(blocks, plan)]
    whole = Outcome(
        [row for part in found for row in part.rows],
        [line for part in found for line in part.failed],
        [letter for part in found for letter in part.dead],
        sum(part.blank for part in found),
    )
    assert whole == in_one_block(text, plan)


@pytest.mark.parametrize(("below", "tail"), [(b"2,b\n3,c\n", 0), (b"and more\n", 17), (b"b,2\n", 12)])
def test_an_open_quote_waits_for_the_next_block_only_while_no_row_follows(below: bytes, tail: int) -> None:
    columns = {"c0": {"type": "integer"}, "c1": {"type": "string"}}
    contract = Contract.model_validate({"dataset": "any", "columns": columns})
    plan = Plan(Shape(Dialect(delimiter=","), 2, row_test(("c0", "c1"), contract)), ("c0", "c1"), contract)
    read = read_exactly(new_block(b'1,"open\n' + below, 1, 0, 10, is_last=False), plan)
    assert read.tail == tail
    assert [letter.code for letter in as_letters(read.dead)] == ([] if tail else ["bad_quote"])


@settings(max_examples=75, deadline=None)
@given(st.data())
def test_every_line_is_accounted_for_once(data: st.DataObject) -> None:
    plan = data.draw(plans())
    text = data.draw(texts(plan).filter(bool))
    line_end = bytes([plan.shape.line_end])
    read = read_exactly(new_block(text, 1, 0, plan.shape.line_end, is_last=True), plan)
    spans = pl.concat([frame.select(LINE, SPAN) for frame in read.records])
    taken = [line + step for line, span in spans.iter_rows() for step in range(span)]
    taken += [line for letter in as_letters(read.dead) for line in range(letter.line, letter.last_line + 1)]
    lines = text.count(line_end) + (not text.endswith(line_end))
    assert len(set(taken)) == len(taken)
    assert len(taken) + read.blank == lines
    for letter in as_letters(read.dead):
        assert letter.byte_offset is not None
        assert text[letter.byte_offset :].startswith(letter.raw or b"")


@pytest.mark.parametrize("width", [2, 3])
def test_quotes_around_whole_cells_are_told_from_counts(width: int) -> None:
    """Every text of seven signs or less that the counts take for such one is read as the exact path does."""
    contract = Contract.model_validate(
        {"dataset": "any", "columns": {f"c{place}": {"type": "string"} for place in range(width)}}
    )
    plan = Plan(Shape(Dialect(delimiter=","), width), tuple(contract.columns), contract)
    accepted = 0
    for size in range(1, 7):
        for signs in product(b'",\na', repeat=size):
            text = bytes([*signs, 10])
            if wrap_whole_cells(text, text.count(b"\n"), plan.shape):
                fast = read_clean(new_block(text, 1, 0, 10, is_last=True), plan)
                accepted += fast is not None
                assert fast is None or outcome(fast, NONE_FOUND, 0, plan) == in_one_block(text, plan)
    assert accepted > 0
