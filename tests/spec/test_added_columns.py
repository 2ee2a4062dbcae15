"""Columns that files bring along, where the contract says `evolve`."""

from __future__ import annotations

from pathlib import Path

from expectations.contract import Contract
from tasks.models import EngineName
from tests.spec.whole_way import take_whole_way

CONTRACT = Contract.model_validate(
    {
        "dataset": "small",
        "columns": {"id": {"type": "string"}, "price": {"type": "decimal"}},
        "unique_key": ["id"],
        "drift": {"extra": "evolve", "retyped": "evolve"},
    }
)
FILES = {
    "a.csv": b"id,price,Shop\n1,2.00,0042\n2,a lot,\n3,1.00,7\n3,1.00,8\n",
    "b.ndjson": b'{"id":"4","price":1}\n{"id":"5","note":{"a":1},"shop":9}\n',
    "c.csv": b"id,price\n6,1.00\n",
}


def test_they_are_kept_as_text_in_every_part_and_profiled_without_their_values(
    engine: EngineName, tmp_path: Path
) -> None:
    arrived = take_whole_way(FILES, CONTRACT, engine, tmp_path)
    assert arrived.accepted.columns == ["id", "price", "shop", "price__text", "note", "__line", "__span"]
    assert arrived.accepted["shop"].to_list() == ["0042", None, "7", "8", None, "9", None]
    assert arrived.accepted["price__text"].drop_nulls().to_list() == ["a lot"]
    assert arrived.accepted["note"].drop_nulls().to_list() == ['{"a":1}']
    profile = {row["column"]: row for row in arrived.tables["column_summary"].to_dicts()}
    assert (profile["shop"]["count"], profile["shop"]["distinct"], profile["shop"]["minimum"]) == (4, 4, None)
    assert not {"shop", "price__text", "note"} & set(arrived.tables["column_top_values"]["column"])
