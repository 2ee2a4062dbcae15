"""Modules that are imported when something of them is used, and not because another module names them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class Deferred(ModuleType):
    """Stands for a module; its first attribute imports it."""

    def __getattr__(self, name: str) -> Any:
        # What the import system asks of every module must not import one.
        if name.startswith("__"):
            raise AttributeError(name)
        _withdraw(self)
        return getattr(importlib.import_module(self.__name__), name)


class _Functions(Deferred):
    """Stands for a module of which only functions are taken; the call of one imports it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def function(*args: Any, **kwargs: Any) -> Any:
            _withdraw(self)
            return getattr(importlib.import_module(self.__name__), name)(*args, **kwargs)

        return function


@contextmanager
def deferred(*names: str, functions_of: Sequence[str] = ()) -> Iterator[None]:
    """Let modules that are imported in the block have stand-ins for these, which import the real ones on first use.

    What is imported already, or after the block, is the real module.

    Args:
        names: modules of which others name the module alone.
        functions_of: modules of which others name functions, and nothing else.
    """
    stand_ins = [Deferred(name) for name in names if name not in sys.modules]
    stand_ins += [_Functions(name) for name in functions_of if name not in sys.modules]
    sys.modules.update({one.__name__: one for one in stand_ins})
    for one in stand_ins:
        parent, _, child = one.__name__.rpartition(".")
        if isinstance(sys.modules.get(parent), Deferred):
            setattr(sys.modules[parent], child, one)
    try:
        yield
    finally:
        for one in stand_ins:
            _withdraw(one)


def _withdraw(stand_in: Deferred) -> None:
    """No import finds the stand-in any more."""
    if sys.modules.get(stand_in.__name__) is stand_in:
        del sys.modules[stand_in.__name__]
    parent, _, child = stand_in.__name__.rpartition(".")
    package = sys.modules.get(parent)  # None, too, where the block was interrupted
    if package is not None and vars(package).get(child) is stand_in:
        delattr(package, child)
