"""What a person at a terminal sees while a run works; nothing at all in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Progress:
    """One line a stage, with a bar where the stage can be counted."""

    def __init__(self) -> None:
        self._bars = _bars() if sys.stderr.isatty() else None
        self._current: TaskID | None = None

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    @contextmanager
    def stage(self, name: str, steps: int = 1) -> Iterator[None]:
        """Show a stage while it works, and how long it took when it is done."""
        if self._bars is None:
            yield
            return
        self._current = self._bars.add_task(name, total=max(steps, 1))
        yield
        self._bars.update(self._current, completed=max(steps, 1))
        self._bars.stop_task(self._current)

    def advance(self) -> None:
        """One step of the current stage is done."""
        if self._bars is not None and self._current is not None:
            self._bars.advance(self._current)


def _bars() -> Bars:
    from rich.console import Console  # noqa: PLC0415  (few runs have a terminal)
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    return Bars(
        SpinnerColumn(),
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
