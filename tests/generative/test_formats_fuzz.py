"""Any bytes at all give rows and dead letters that add up; `python -m benchmarks.fuzz` is the long run of this."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import check_ingest
from benchmarks.fuzz_inputs import fuzz_input

# Numbers of inputs (of seed 1 and others) that once broke something.
ONCE_BROKEN = ("1.19", "1.26", "1.41", "1.2498", "2.1874", "11.1548", "11.4270", "12.4467")


@settings(max_examples=60, deadline=None)
@given(number=st.integers(0, 10**12))
def test_damaged_files_add_up(number: int) -> None:
    name, data = fuzz_input(Random(number))
    with tempfile.TemporaryDirectory() as folder:
        assert check_ingest(data, name, Path(folder))


@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=200), ending=st.sampled_from(["csv", "json", "ndjson", "parquet"]))
def test_noise_adds_up(data: bytes, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert check_ingest(data, f"noise.{ending}", Path(folder))


@pytest.mark.parametrize("seed", ONCE_BROKEN)
def test_what_once_broke_the_reader(seed: str, tmp_path: Path) -> None:
    name, data = fuzz_input(Random(seed))
    assert check_ingest(data, name, tmp_path)
