"""A header in a remark right above the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.ingest.remark_names import names_of
from tests.unit.ingest.ingesting import ingest
from tests.unit.ingest.test_table_layout import layout

ROWS = "1 2.50 a\n2 3.50 b\n3 4.50 c\n4 5.50 d\n"


@pytest.mark.parametrize(
    "remark", ["#Fields: id price note", "# id price note", "# about us\n#\n#Fields: id price note"]
)
@pytest.mark.parametrize("sign", [" ", "\t"])
def test_names_behind_a_sign_are_the_header(tmp_path: Path, remark: str, sign: str) -> None:
    text = f"{remark}\n{ROWS.replace(' ', sign)}"
    assert layout(text).header == ["id", "price", "note"]
    done = ingest(text.encode(), tmp_path)
    assert (done.column("id"), done.file.header) == ([1, 2, 3, 4], ("id", "price", "note"))


@pytest.mark.parametrize("remark", ["#Fields: id price", "# id id note", "#id price note", "id: price note all"])
def test_other_remarks_are_none(remark: str) -> None:
    assert names_of([remark], 3) is names_of(remark.split(), 3) is None
