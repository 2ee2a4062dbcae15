"""Threads that would only wait for work that never comes."""

from __future__ import annotations

import os


def start_none_for_matrices() -> None:
    """Have numpy's linear algebra, which nothing here asks for, keep to one thread; to be called before numpy's import.

    By default it starts one for each further core, which looks for work in a loop for a tenth of a second.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
