"""What later stages import, imported in a thread of its own while files are hashed and read; and the suite tried."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from threading import Thread
from types import TracebackType
from typing import Self

from flows.run import Run
from tasks.validate.checkpoint import load_checked_suite

_NEEDED_LATER = ("expectations.polars_engine", "matplotlib.backends.backend_svg")
_SWITCH_SECONDS = 0.0005  # a thread back from hashing or parsing waits at most so long for an import; else 5 ms


class LaterImports:
    """Great Expectations and Matplotlib: seconds of Python, for which a second core is there while files are read.

    The suite is loaded to be tried on the contract's columns, which the gate then need not do again.

    Nothing that they are made of may be imported meanwhile: two threads that import the same could see each other's
    half-made modules. Hashing and reading local files imports but leaves of it, such as codecs.
    """

    def __init__(self, run: Run) -> None:
        self._thread = Thread(target=_make_ready, args=(run,), daemon=True)

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._thread.ident is None:
            self._thread.start()

    def wait(self) -> None:
        """Wait for the end of it, if it has begun."""
        if self._thread.ident is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wait()


def _make_ready(run: Run) -> None:
    """Import them, and try the suite. An error is not told here: the stage meets it again."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        for name in _NEEDED_LATER:
            with suppress(Exception):
                import_module(name)
        with suppress(Exception):
            load_checked_suite(run.suite_text, run.contract)
    finally:
        sys.setswitchinterval(before)
