"""Parquet in pieces: whole row groups of a file, put together until they are worth a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

_LEAST = 20  # pieces of a file that has row groups enough: what is held of a small batch stays small


class Piece(NamedTuple):
    """Some row groups of a file, one after the other."""

    path: str
    groups: list[int]
    first_row: int
    rows: int


def pieces_of(paths: Iterable[Path], rows_at_once: int) -> Iterator[Piece]:
    """Cut files into pieces of at least so many rows, or less of small files, but for the last piece of each file."""
    for path in paths:
        metadata = pq.read_metadata(path)
        enough = min(rows_at_once, metadata.num_rows // _LEAST)
        piece = Piece(str(path), [], 0, 0)
        for group in range(metadata.num_row_groups):
            piece = piece._replace(groups=[*piece.groups, group], rows=piece.rows + metadata.row_group(group).num_rows)
            if piece.rows >= enough:
                yield piece
                piece = Piece(str(path), [], piece.first_row + piece.rows, 0)
        if piece.groups or piece.first_row == 0:
            yield piece
