"""What the cells of a column look like, learnt from the rows that are beyond doubt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import log

from tasks.ingest.cell_kinds import Kind, kind_of

_DOUBT = 4  # cells that must be outnumbered before a profile says much
_RUNS = re.compile(r"[0-9]+|[^\W\d_]+", re.UNICODE)


class ColumnProfile:
    """The kinds and shapes of a column's cells."""

    def __init__(self, cells: Sequence[str]) -> None:
        self._count = len(cells)
        self._kinds = Counter(kind_of(cell) for cell in cells)
        self._shapes = Counter(shape_of(cell) for cell in cells)
        self._longest = max((len(cell) for cell in cells), default=0)

    @property
    def kind(self) -> Kind:
        """What nearly all of its cells are that are not empty; words where there is no such thing."""
        filled = {kind: count for kind, count in self._kinds.items() if kind is not Kind.EMPTY}
        if not filled:
            return Kind.EMPTY
        most = max(filled, key=lambda kind: filled[kind])
        return most if filled[most] > 0.8 * sum(filled.values()) else Kind.WORDS

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in any of its cells."""
        return self._shapes.keys() <= {""}

    @property
    def filled_share(self) -> float:
        """How many of its cells are not empty."""
        return 1 - self._kinds[Kind.EMPTY] / self._count if self._count else 0.0

    def fit(self, cell: str) -> float:
        """How well a cell belongs here: 0 where all are like it, down to -6 where none is."""
        kind = kind_of(cell)
        of_kind = self._share(self._kinds[kind])
        of_shape = self._share(self._shapes[shape_of(cell)])
        if self.kind is Kind.WORDS and kind is not Kind.EMPTY:
            # Words come in any shape; only their length can be out of place.
            return max(of_shape, of_kind - 0.5 if len(cell) <= 2 * self._longest else -2.0)
        return max(of_shape, of_kind - 0.5)

    def has_shape(self, cell: str) -> bool:
        """Whether one of its cells has the shape of this one."""
        return shape_of(cell) in self._shapes

    def _share(self, count: int) -> float:
        trust = self._count / (self._count + _DOUBT)
        return trust * log((count + 0.5) / (self._count + 1))


@lru_cache(maxsize=20_000)
def shape_of(cell: str) -> str:
    """A cell with each run of digits as one 9 and each run of letters as one a: `MG-8769` and `B-1` are both `a-9`."""
    return _RUNS.sub(lambda run: "9" if run.group()[0].isdigit() else "a", cell.strip())
