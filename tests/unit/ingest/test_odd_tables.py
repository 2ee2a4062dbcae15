"""Some of the odd files of `benchmarks.odd_tables`, kind by kind."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks.odd_exports import EXPORTS
from benchmarks.odd_kinds import KINDS, NOT_UNDERSTOOD
from benchmarks.odd_tables import is_read
from tasks.ingest.options import ReadOptions
from tasks.ingest.reading import read_file
from tasks.sources import fingerprint


@pytest.mark.parametrize("kind", sorted((KINDS | EXPORTS).keys() - NOT_UNDERSTOOD))
def test_the_table_in_an_odd_file_is_found(kind: str, tmp_path: Path) -> None:
    cases = [(KINDS | EXPORTS)[kind](Random(f"{kind}.{seed}")) for seed in range(4)]
    assert [is_read(case, tmp_path / "odd.csv") for case in cases] == [True] * 4


def test_a_letter_parts_cells_where_it_is_named(tmp_path: Path) -> None:
    case, path = KINDS["letter"](Random("letter.1")), tmp_path / "odd.csv"
    path.write_text(case.text, encoding="utf-8")
    (source,) = fingerprint(str(path))
    signs = [sign for sign in "xXT" if sign in case.text]
    read = [read_file(source, ReadOptions(delimiter=sign)) for sign in signs]
    assert (case.header, case.rows) in [(one.header, [list(row) for row in one.first_rows]) for one in read]
