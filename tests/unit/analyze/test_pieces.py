from pathlib import Path

import polars as pl
import pytest

from tasks.analyze.engines.pieces import pieces_of


@pytest.mark.parametrize(("at_once", "least", "many"), [(10, 1, 30), (25, 20, 15), (1000, 20, 15), (1000, 1, 1)])
def test_pieces_hold_every_row_once_and_a_small_file_may_be_cut_as_well(
    tmp_path: Path, at_once: int, least: int, many: int
) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"a": range(300)}).write_parquet(path, row_group_size=10)
    pieces = list(pieces_of([path], at_once, least))
    assert len(pieces) == many
    assert [group for piece in pieces for group in piece.groups] == list(range(30))
    assert [row for piece in pieces for row in range(piece.first_row, piece.first_row + piece.rows)] == list(range(300))


def test_a_file_without_rows_is_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    pl.DataFrame(schema={"a": pl.Int64}).write_parquet(path)
    assert [piece.rows for piece in pieces_of([path], 10)] == [0]
