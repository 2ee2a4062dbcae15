"""Parquet in pieces: whole row groups of a file, put together until they are worth a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq


class Piece(NamedTuple):
    """Some row groups of a file, one after the other."""

    path: str
    groups: list[int]
    first_row: int
    rows: int


def pieces_of(paths: Iterable[Path], rows_at_once: int, least_pieces: int = 1) -> Iterator[Piece]:
    """Cut files into pieces of at least so many rows, but for the last piece of each file.

    Args:
        paths: of the files.
        rows_at_once: how many rows are enough for a piece.
        least_pieces: of a small file fewer rows are enough, so that it is cut into so many where it has the row groups.
    """
    for path in paths:
        metadata = pq.read_metadata(path)
        enough = min(rows_at_once, metadata.num_rows // least_pieces)
        piece = Piece(str(path), [], 0, 0)
        for group in range(metadata.num_row_groups):
            piece = piece._replace(groups=[*piece.groups, group], rows=piece.rows + metadata.row_group(group).num_rows)
            if piece.rows >= enough:
                yield piece
                piece = Piece(str(path), [], piece.first_row + piece.rows, 0)
        if piece.groups or piece.first_row == 0:
            yield piece
