from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.contract import Contract
from tasks.ingest.aligned import ALIGNED, cells_at, find_cuts, parted
from tasks.ingest.dialect import detect_dialect
from tasks.ingest.options import ReadOptions
from tasks.ingest.reading import read_file
from tasks.sources import fingerprint
from tests.unit.ingest.ingesting import CONTRACT, ingest

ORDERS = """\
    id  at                    price  note
     1  2024-01-05 10:00:00    1.50  red box
    22                         2.25
   333  2024-01-07 10:00:00   17.00  Malmö  now
"""


def test_columns_begin_where_all_lines_have_blanks_before_them() -> None:
    lines = ORDERS.splitlines()
    assert [cells_at(line, find_cuts(lines)) for line in lines] == [
        ["id", "at", "price", "note"],
        ["1", "2024-01-05 10:00:00", "1.50", "red box"],
        ["22", "", "2.25", ""],
        ["333", "2024-01-07 10:00:00", "17.00", "Malmö  now"],
    ]


@given(
    st.lists(st.text("aé漢 \t", max_size=12), min_size=1),
    st.lists(st.integers(1, 10), unique=True, min_size=1).map(sorted),
    st.sampled_from([("\n", 10), ("\r\n", 10), ("\r", 13)]),
)
def test_lines_are_parted_as_cells_are_told(lines: list[str], cuts: list[int], line_end: tuple[str, int]) -> None:
    end, byte = line_end
    text = end.join(lines) + end
    made = parted(text.encode(), cuts, byte, 0x1F)
    assert made.replace(b"\x1f", b"") == text.encode()
    cells = [line.split("\x1f") for line in made.decode().split(end)[:-1]]
    assert cells == [[line] if not line.strip(" \t") else _padded(line, cuts) for line in lines]


def _padded(line: str, cuts: list[int]) -> list[str]:
    places = [0, *(cut for cut in cuts if cut > len(line) or line[cut - 1] == " "), len(line)]
    cells = [line[start:end] for start, end in pairwise(places)]
    assert [cell.strip(" ") for cell in cells] == cells_at(line, cuts)
    return cells


def test_rows_land_and_what_lies_across_columns_is_a_dead_letter_as_it_stands(tmp_path: Path) -> None:
    done = ingest(f"Orders\n{ORDERS}   444 a line that lies across\n".encode(), tmp_path)
    assert done.column("id") == [1, 22, 333]
    assert done.column("note") == ["red box", None, "Malmö  now"]
    assert done.reasons == [(6, "parse", "too_few_fields", None)]
    assert done.raw == [b"   444 a line that lies across"]
    assert done.dead["byte_offset"].to_list() == [len(f"Orders\n{ORDERS}".encode())]


def test_it_can_be_pinned(tmp_path: Path) -> None:
    pinned = Contract.model_validate({**CONTRACT.model_dump(), "sources": [{"delimiter": ALIGNED}]})
    assert ingest(ORDERS.encode(), tmp_path, pinned).column("id") == [1, 22, 333]
    (source,) = fingerprint(str(tmp_path / "orders.csv"))
    read = read_file(source, ReadOptions(delimiter=ALIGNED))
    assert read.header == ["id", "at", "price", "note"]


@pytest.mark.parametrize(
    "text",
    [
        "id,  name       ,  town\n1 ,  Anna Berg  ,  Oslo\n22,  Bo         ,  Wien\n",
        "A text.  Two blanks follow each point.\nNothing here is lined up.  Nor here.\nOr is it?  It is not so.\n",
        "name      : Anna\nage       : 33\ntown      : Oslo\n",
        "10 20 30\n11 21 31\n12 22 32\n",
        "name;share\nDim.     1;1.5\nDim.     2;2.5\nDim.     3;3.5\n",
        "a | b    | c\n1 | Anna | x\n2 | Bo   | y\n",
    ],
)
def test_what_has_a_delimiter_or_is_prose_is_not_lined_up(text: str) -> None:
    assert detect_dialect(text).delimiter != ALIGNED


def test_names_may_fill_the_gaps_that_are_wide_below_them() -> None:
    names = ["Dag Ek", "Eva Holm", "Bo Lund", "Rosa Maier"]
    lines = [f"{at:5}  {names[at % 4]:10} {at:6}\n" for at in range(12)]
    found = detect_dialect("   id  the person amount\n" + "".join(lines))
    assert found.delimiter == ALIGNED
    assert cells_at("   id  the person amount", found.cuts) == ["id", "the person", "amount"]
