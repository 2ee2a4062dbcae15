"""Tables written as JSON and NDJSON in any encoding and packing come back value for value."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.blocks import RecordBlock
from tasks.ingest.encoding import given_encoding
from tasks.ingest.json_records import JsonArrayReader
from tasks.ingest.json_rows import JsonRows
from tasks.ingest.ndjson_records import read_ndjson
from tasks.ingest.utf8_stream import utf8_stream
from tasks.sources import fetch_raw, fingerprint, open_source

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
VALUE = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | TEXT
OBJECT = st.dictionaries(st.sampled_from(["a", "b", "ø", '"', "*", ""]) | TEXT, VALUE | st.lists(VALUE, max_size=2))
ENCODINGS = st.sampled_from(["utf-8", "utf-16-le", "utf-32-be", "gb18030"])
PACKERS = st.sampled_from([bytes, gzip.compress])


def _written(value: Any) -> str:
    """A value as JSON; decimals with all their digits."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if value is None or isinstance(value, bool | str) else str(value)


def _expected(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else _written(value)


@settings(max_examples=40, deadline=None)
@given(objects=st.lists(OBJECT, min_size=1, max_size=8), encoding=ENCODINGS, pack=PACKERS, is_array=st.booleans())
def test_every_value_comes_back(
    objects: list[dict[str, Any]], encoding: str, pack: Callable[[bytes], bytes], is_array: bool
) -> None:
    texts = [_written(one) for one in objects]
    content = "[" + ",\n".join(texts) + "]" if is_array else "\n".join(texts)
    form, how = ("json" if is_array else "ndjson"), given_encoding(encoding)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(pack(content.encode(encoding)))
        (source,) = fingerprint(str(path))
        with utf8_stream(open_source(source), how) as stream:
            rows = JsonRows()
            reader = JsonArrayReader(stream, rows, how).blocks() if is_array else read_ndjson(stream, rows, how)
            blocks: list[RecordBlock] = list(reader)
        wanted = pl.DataFrame({"line": range(1, len(objects) + 1), "span": [1] * len(objects)})
        raw = fetch_raw(source, wanted, form, encoding, "\n")
    assert [letter for block in blocks for letter in block.dead] == []
    records = pl.concat([block.records for block in blocks], how="diagonal")
    assert records[LINE].to_list() == list(range(1, len(objects) + 1))
    columns = [name for name in records.columns if name not in (LINE, SPAN)]
    assert columns == list(dict.fromkeys(key for one in objects for key in one))
    for row, one in zip(records.iter_rows(named=True), objects, strict=True):
        assert {key: row[key] for key in columns} == {key: _expected(one.get(key)) for key in columns}
    assert raw["raw"].to_list() == [text.encode(encoding) for text in texts]
