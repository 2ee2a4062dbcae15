from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.contract import Contract
from tasks.dead_letters.models import FileFacts
from tasks.dead_letters.records import RecordForm
from tasks.dead_letters.repairs import find_repair
from tasks.models import Dialect

CONTRACT = Contract.model_validate(
    {
        "dataset": "orders",
        "columns": {
            "id": {"type": "integer", "required": True},
            "name": {"type": "string"},
            "note": {"type": "string"},
            "price": {"type": "decimal", "scale": 2},
            "city": {"type": "string"},
        },
    }
)
FACTS = FileFacts(
    file_digest="d", file_format="csv", dialect=Dialect(delimiter=","), header=("id", "name", "note", "price", "city")
)
FORM = RecordForm.of(FACTS, CONTRACT)


def mended(text: str, repair: str = "join_torn_text") -> list[str] | None:
    whole = find_repair(repair, CONTRACT).apply(text, FORM, CONTRACT)
    return None if whole is None else FORM.fields(whole)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("7,Smith,Call me,1.00,Bonn", None),  # nothing is torn
        ("7,Smith, John,Call me,1.00,Bonn", ["7", "Smith, John", "Call me", "1.00", "Bonn"]),
        ("7,Smith,Call me, later,1.00,Bonn", ["7", "Smith", "Call me, later", "1.00", "Bonn"]),
        ("7,Smith, John,Call, maybe,1.00,Bonn, Rhine", ["7", "Smith, John", "Call, maybe", "1.00", "Bonn, Rhine"]),
        ("7,Smith,John,Call me,1.00,Bonn", None),  # the name or the note
        ("7,Smith,Call me,1.00,Bonn,web", None),  # the city, or a field somebody added
        ("7,Smith,Call me,1,00,Bonn", None),  # the city, or a decimal comma
        ("7,Smith,Call me,1.00,Bonn, Rhine", ["7", "Smith", "Call me", "1.00", "Bonn, Rhine"]),
        ("x,Smith, John,Call me,1.00,Bonn", None),  # no record, however it is read
    ],
)
def test_text_is_put_together_where_one_reading_is_left(line: str, fields: list[str] | None) -> None:
    assert mended(line) == fields


def test_what_a_value_set_refuses_is_no_reading() -> None:
    in_set = {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "note", "value_set": ["gift", "gone"]}}
    form = RecordForm.of(FACTS, CONTRACT, json.dumps({"expectations": [in_set]}))
    repair, line = find_repair("join_torn_text", CONTRACT).apply, "7,Smith,John,gift,1.00,Bonn"
    assert repair(line, form, CONTRACT) == '7,"Smith,John",gift,1.00,Bonn'
    assert mended(line) is None


TEXT = st.lists(st.text("ab1.", min_size=1, max_size=3), min_size=1, max_size=3)


@settings(deadline=None)
@given(st.tuples(TEXT, TEXT, TEXT), st.sampled_from([",", ", "]), st.sampled_from(["", "0", "12.50"]))
def test_torn_text_is_put_together_as_it_was_or_left_alone(
    texts: tuple[list[str], list[str], list[str]], comma: str, price: str
) -> None:
    name, note, city = (comma.join(words) for words in texts)
    clean = ["7", name, note, price, city]
    assert mended(",".join(clean)) in (None, clean)
