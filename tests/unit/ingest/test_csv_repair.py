from __future__ import annotations

import pytest

from tasks.ingest.column_profile import ColumnProfile
from tasks.ingest.csv_repair import repair
from tasks.models import Dialect

ROWS = [(f"{day:02}/01/2024", f"{day % 7}", f"AB-{day * 37}", f"fruit {'xyz'[day % 3]}, fresh") for day in range(1, 29)]
PROFILES = [ColumnProfile(list(cells)) for cells in zip(*ROWS, strict=True)]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('05/01/2024,,3,AB-12,"pear, ripe"', ["05/01/2024", "3", "AB-12", "pear, ripe"]),  # a delimiter too many
        ('05/01/2024,3AB-12,"pear, ripe"', ["05/01/2024", "3", "AB-12", "pear, ripe"]),  # one too few
        ("05/01/2024,3,AB-12,pear, ripe", ["05/01/2024", "3", "AB-12", "pear, ripe"]),  # a quote that is missing
        ('"05/01/2024,3,AB-12,"pear, ripe"', ['"05/01/2024', "3", "AB-12", "pear, ripe"]),  # one too many
        ('05/01/2024,3,""AB-12","pear, ripe"', ["05/01/2024", "3", '"AB-12', "pear, ripe"]),
        ('05/01/2024,3,AB-12,"pear "of" mine"', ["05/01/2024", "3", "AB-12", 'pear "of" mine']),
        ('05/01/2024;3;AB-12;"pear, ripe"', ["05/01/2024", "3", "AB-12", "pear, ripe"]),  # another delimiter
        ("05/01/2024 3 AB-12 ripe pear", ["05/01/2024", "3", "AB-12", "ripe pear"]),
        ("05/01/2024,3,AB-12", ["05/01/2024", "3", "AB-12", ""]),
    ],
)
def test_a_broken_record_is_read_as_it_fits_the_columns(line: str, cells: list[str]) -> None:
    found = repair(line, Dialect(delimiter=","), PROFILES)
    assert found is not None
    assert found.fields == cells


def test_a_record_of_very_many_cells_is_only_filled_up() -> None:
    profiles = [ColumnProfile(["1", "2"])] * 500
    found = repair(",".join("1" * 400), Dialect(delimiter=","), profiles)
    assert found is not None
    assert found.fields == ["1"] * 400 + [""] * 100
    assert repair(",".join("1" * 600), Dialect(delimiter=","), profiles) is None
