"""JSON arrays taken apart, whole and broken."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import msgspec
import pytest

from tasks.sources import json_elements
from tasks.sources.json_elements import JsonArray, NotJsonError

Found = tuple[str, str | None]


def _decode(data: bytes) -> list[Any] | None:
    try:
        return msgspec.json.decode(b"[%b]" % data, type=list[dict[str, Any]])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _read(text: str) -> tuple[JsonArray, list[Found]]:
    array = JsonArray(BytesIO(text.encode()), _decode)
    found, number = [], 1
    for piece in array.pieces():
        assert piece.first == number
        number += piece.records
        elements = piece.elements()
        assert sum(one.code is None for one in elements) == len(piece.objects)
        for one in elements:
            raw = piece.data[one.start : one.end]
            at = piece.byte_offset + one.start
            assert text.encode()[at : at + len(raw)] == raw
            found.append((raw.decode(), one.code))
    return array, found


def _found(text: str) -> list[Found]:
    return _read(text)[1]


def test_elements_of_an_array() -> None:
    objects = [{"a": n, "b": ["}, {", {"c": '\\"'}], "d": "x" * (n % 7)} for n in range(5000)]
    for text in (json.dumps(objects), json.dumps(objects, indent=1), json.dumps(objects, separators=(",", ":"))):
        found = _found(text)
        assert [json.loads(raw) for raw, _ in found] == objects
        assert {code for _, code in found} == {None}


def test_small_reads_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps([{"a": n, "b": "x" * n} for n in range(200)]).replace('"a": 77', '"a": seven')
    whole = _read(text)[1]
    monkeypatch.setattr(json_elements, "_BLOCK_BYTES", 7)
    monkeypatch.setattr(json_elements, "_PIECE_BYTES", 50)
    assert _read(text)[1] == whole
    assert [code for _, code in whole].count("bad_json") == 1


@pytest.mark.parametrize("text", ["[]", " [ \n]\n", '{"data": []}'])
def test_an_array_without_elements(text: str) -> None:
    array, found = _read(text)
    assert found == []
    assert not array.is_open


def test_what_is_no_object_is_an_element_all_the_same() -> None:
    text = '[1, "a, b", {"a": 1}, null, [{"a": 2}, 3], true]'
    expected = ["1", '"a, b"', '{"a": 1}', "null", '[{"a": 2}, 3]', "true"]
    assert [raw for raw, _ in _found(text)] == expected
    assert [code for _, code in _found(text)] == [*["not_an_object"] * 2, None, *["not_an_object"] * 3]


@pytest.mark.parametrize(
    "broken",
    [
        '{"a": 01}',
        '{"a": }',
        '{"a": 1 "b": 2}',
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": [1, 2}',
        '{"a": 1',
        '{"a": "x',
        "nonsense",
    ],
)
def test_a_broken_element_does_not_hurt_its_neighbours(broken: str) -> None:
    text = f'[\n{{"a": 1}},\n{broken},\n{{"a": 3}},\n{{"a": 4}}\n]'
    assert _found(text) == [('{"a": 1}', None), (broken, "bad_json"), ('{"a": 3}', None), ('{"a": 4}', None)]


def test_a_cut_array_says_so() -> None:
    array, found = _read('[{"a": 1}, {"a": 2}, {"a": "thr')
    assert found == [('{"a": 1}', None), ('{"a": 2}', None), ('{"a": "thr', "bad_json")]
    assert array.is_open


def test_an_array_in_an_object() -> None:
    text = '{"meta": {"n": [1, {"x": 2}]}, "data": [\n{"a": 1}, {"a": 2}\n], "more": [{"b": 1}], "next": null}'
    array, found = _read(text)
    assert array.wrapper == "data"
    assert found == [('{"a": 1}', None), ('{"a": 2}', None)]


@pytest.mark.parametrize(
    "text", ['{"a": 1}\n{"a": 2}', '[{"a": 1}]\n[{"a": 2}]', '[{"a": 1} {"a": 2}]', '[{"a": 1},, {"a": 2},]']
)
def test_what_comes_near_an_array(text: str) -> None:
    assert _found(text) == [('{"a": 1}', None), ('{"a": 2}', None)]


def test_one_object_is_one_record() -> None:
    assert _found('{\n  "a": {"b": [1, 2]}\n}\n') == [('{\n  "a": {"b": [1, 2]}\n}', None)]


def test_no_json_at_all() -> None:
    with pytest.raises(NotJsonError):
        _found("<html>")


def test_a_long_stretch_of_damage_is_kept_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_elements, "_BLOCK_BYTES", 100)
    monkeypatch.setattr(json_elements, "_MAX_ELEMENT_BYTES", 300)
    damage = '{"a": ["' + "x" * 5000
    found = _found(f'[{{"a": 1}}, {damage}, \n{{"a": 2}}]')
    assert found[0] == ('{"a": 1}', None)
    assert found[-1] == ('{"a": 2}', None)
    assert "".join(raw for raw, _ in found[1:-1]) == damage
    assert {code for _, code in found[1:-1]} == {"bad_json"}
