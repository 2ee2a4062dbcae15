"""Modules of a package whose names the package offers, imported when somebody asks for one of these names."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


class Later:
    """Stands for a name of a module that is not imported yet."""

    def __init__(self, module: str) -> None:
        self.module = module


class _StandIn(ModuleType):
    """Stands for a module while names are taken from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks of every module
            raise AttributeError(name)
        return Later(self.__name__)


def modules_in(package: str) -> list[str]:
    """The modules in a package's folder by their full names. Of the package only the outermost may be imported."""
    top, *rest = package.split(".")
    spec = find_spec(top)
    folders = (spec.submodule_search_locations if spec is not None else None) or []
    return [f"{package}.{one.name}" for one in iter_modules([str(Path(folder, *rest)) for folder in folders])]


@contextmanager
def waiting(modules: Sequence[str], *packages: str) -> Iterator[set[str]]:
    """Let packages be imported in the block without modules of theirs; where the first is already, nothing changes.

    Afterwards a module is imported with the first use of a name that a package took from it. It must not be another
    thread that imports one of them during the block.

    Yields:
        The modules that wait, known at the end of the block: those that a package took names from.
    """
    missing = [] if packages[0] in sys.modules else [name for name in modules if name not in sys.modules]
    stand_ins = [_StandIn(name) for name in missing]
    sys.modules.update({one.__name__: one for one in stand_ins})
    taken: set[str] = set()
    try:
        yield taken
    finally:
        for one in stand_ins:
            if sys.modules.get(one.__name__) is one:
                del sys.modules[one.__name__]
        for package in packages:
            if stand_ins and package in sys.modules:  # not where its import was broken off
                taken |= _import_on_use(sys.modules[package])


def _import_on_use(package: ModuleType) -> set[str]:
    """Let a package import what it has only a stand-in for.

    Returns:
        The modules that it will import.
    """
    homes = {name: later.module for name, later in vars(package).items() if isinstance(later, Later)}
    public = [name for name in vars(package) if not name.startswith("_")]
    for name in homes:
        delattr(package, name)
    modules = set(homes.values())

    def of_package(name: str) -> Any:
        if f"{package.__name__}.{name}" in modules:
            return import_module(f"{package.__name__}.{name}")
        if name not in homes:
            raise AttributeError(f"module {package.__name__!r} has no attribute {name!r}")
        found = getattr(import_module(homes[name]), name)
        setattr(package, name, found)
        return found

    package.__getattr__ = of_package  # type: ignore[method-assign]  # as Python looks for it (PEP 562)
    package.__dir__ = lambda: sorted({*vars(package), *homes})  # type: ignore[method-assign]
    vars(package).setdefault("__all__", public)  # what `import *` takes
    return modules
