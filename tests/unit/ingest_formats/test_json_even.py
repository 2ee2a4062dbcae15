"""Lines that are all written alike are cut by places; whatever is not must be left to the decoder."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.ingest import ndjson_records
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.json_even import EvenLines, even_lines
from tasks.ingest.json_rows import JsonRows
from tasks.ingest.ndjson_records import read_ndjson

_Block = tuple[dict[str, list[object]], list[tuple[object, ...]], int]


def _cut(*lines: str) -> EvenLines | None:
    data = "".join(line + "\n" for line in lines).encode(errors="surrogateescape")
    stops = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    return even_lines(data, np.append(0, stops[:-1] + 1), stops)


@pytest.mark.parametrize(
    "line",
    [
        '{"a": 1, "b": "x"}',
        '{"a":-1.50,"b":"x"}',
        '{ "a" : true , "b" : "x" }',
        '{"a": null, "b": "x, y", "c, d": 1e5}',
        '{"a": "\\u00e6 \\" \\n", "b": "æ"}',
        '{"a": ""}',
    ],
)
def test_lines_that_are_alike_are_cut(line: str) -> None:
    found = _cut(line, line)
    rows = JsonRows()
    rows.add([rows.one(line.encode())] * 2, f"{line}\n{line}".encode())
    assert found is not None
    assert found.are_even.all()
    assert found.columns.equals(rows.take([1, 2], list).select(found.columns.columns))


@pytest.mark.parametrize(
    "line",
    [
        '{"a": 1, "b": {"b": 2}}',
        '{"a": {"x": 1, "b": 2}}',
        '{"a": 1,"b": 3, "b": 2}',
        '{"a": 1,  "b": 2}',
        '{"a": 1 , "b": 2}',
        '{"a": "x","b": "y", "b": "z"}',
        '{"a": "x, ", "b": 2}',
        '{"a": "\\\\", "b": 2}',
        '{"a": "x\\", "b": 2}',
        '{"a": 01, "b": 2}',
        '{"a": "\t", "b": 2}',
        '{"b": 1, "a": 2}',
        '{"a": 1}',
        '{"a": "\\ud800", "b": 1}',
        '{"a": "\udcff", "b": 1}',
        "",
    ],
)
def test_what_is_not_alike_is_left_to_the_decoder(line: str) -> None:
    good = '{"a": 1, "b": 2}'
    found = _cut(*[good] * 7, line, *[good] * 7)
    if found is not None:
        assert np.flatnonzero(~found.are_even).tolist() == [7]
        assert found.columns.rows() == [("1", "2")] * 14


def test_lines_of_several_layouts_are_not_cut() -> None:
    assert _cut(*['{"a": 1, "b": 2}'] * 5, *['{"a": 1}'] * 5) is None


_CELLS = (
    *("1", "-0.50", "true", "null", '"x"', '""', '"n"', '"x, y"', '"æ"', '"\\u00e6"', '"\\""', '"\\", \\"b\\": "'),
    *('"\\\\"', '", "', "1 ", " 1", "[]", '{"b": 1}', "01", "+1", ".5", "tru", '"', '"\\"', '1,"b": 2', '1, "b": 2'),
)
_LAYOUTS = st.sampled_from(['{"a": %s, "b": %s}', '{"a":%s,"b":%s}', '{ "a" : %s , "b" : %s }', '{"b": %s, "a": %s}'])


@given(
    layout=_LAYOUTS,
    rows=st.lists(st.tuples(st.sampled_from(_CELLS[:12]), st.sampled_from(_CELLS[:12])), min_size=1, max_size=4),
    odd=st.lists(st.tuples(_LAYOUTS, st.sampled_from(_CELLS), st.sampled_from(_CELLS)), max_size=2),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_lines_are_the_same_either_way(
    layout: str, rows: list[tuple[str, str]], odd: list[tuple[str, str, str]], end: str
) -> None:
    lines = [*(layout % row for row in rows), *(other % (first, second) for other, first, second in odd)]
    data = end.join(lines).encode()
    assert _read(data, 1) == _read(data, len(lines) + 1)


def _read(data: bytes, least: int) -> list[_Block]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ndjson_records, "_EVEN_LINES", least)
        patched.setattr("tasks.ingest.json_even._LEAST_SHARE", 0.2)
        blocks = list(read_ndjson(BytesIO(data), JsonRows()))
    return [(block.records.to_dict(as_series=False), _letters(block), block.blank) for block in blocks]


def _letters(block: RecordBlock) -> list[tuple[object, ...]]:
    return [tuple(letter) for letter in [*block.dead, *block.locate(block.records)]]
