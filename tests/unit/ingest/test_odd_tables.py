"""Some of the odd files of `benchmarks.odd_tables`, kind by kind."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks.odd_exports import EXPORTS, NOT_READ_AS_MEANT
from benchmarks.odd_kinds import KINDS, NOT_UNDERSTOOD
from benchmarks.odd_tables import is_read


@pytest.mark.parametrize("kind", sorted((KINDS | EXPORTS).keys() - NOT_UNDERSTOOD - NOT_READ_AS_MEANT))
def test_the_table_in_an_odd_file_is_found(kind: str, tmp_path: Path) -> None:
    cases = [(KINDS | EXPORTS)[kind](Random(f"{kind}.{seed}")) for seed in range(4)]
    assert [is_read(case, tmp_path / "odd.csv") for case in cases] == [True] * 4
