"""docs/expectations.md says what is so."""

from __future__ import annotations

from benchmarks.gate_table import BEGIN, END, PATH, table
from tests.generative.test_parity_of_expectations import EXPECTATIONS


def test_the_table_is_the_one_that_is_generated() -> None:
    written = PATH.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert written == table(set(EXPECTATIONS)), "run python -m benchmarks.gate_table"
