"""How often Python looks for garbage in the processes that are ours."""

from __future__ import annotations

import gc
import sys

_YOUNG_OBJECTS = 1_000_000  # more than the imports of a run make; a run of 10M rows makes but few on top


def look_seldom() -> None:
    """Look through young objects for garbage less often; to be called before the heavy imports.

    Imports make half a million objects that stay. Looking through them, as the run goes on and once more at its end,
    takes a fifth of a short run (benchmarks/start.py).
    """
    gc.set_threshold(_YOUNG_OBJECTS, 50, 100)


def leave_the_rest() -> None:
    """Have Python end without looking through all objects once more.

    DuckDB's binding must be let go of in order: it would take what is left for leaks, and say so on stderr.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()
