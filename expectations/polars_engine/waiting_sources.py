"""Great Expectations' data sources of pandas and Spark, imported when somebody asks for one of them.

Great Expectations makes models of all that the readers of pandas and Spark take, while it is imported: a third of its
import, of which a gate on Polars uses nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_FLUENT = "great_expectations.datasource.fluent"
_PLACES = ("filesystem", "dbfs", "s3", "google_cloud_storage", "azure_blob_storage")
_KINDS = [f"{kind}_{place}" for kind in ("pandas", "spark") for place in ("file_path", *_PLACES)]
_MODULES = [f"{_FLUENT}.{name}_datasource" for name in ("pandas", "spark", *_KINDS)]


class _Later:
    """Stands for a class of a module that is not imported yet."""

    def __init__(self, module: str) -> None:
        self.module = module


class _StandIn(ModuleType):
    """Stands for a module while names are taken from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks of every module
            raise AttributeError(name)
        return _Later(self.__name__)


@contextmanager
def waiting_sources() -> Iterator[None]:
    """Let Great Expectations be imported in the block without these; where it is imported already, nothing changes.

    Afterwards a class is imported with its first use by name; a method such as `data_sources.add_pandas`, or a data
    source of a stored context, imports all of them.
    """
    stand_ins = [] if _FLUENT in sys.modules else [_StandIn(name) for name in _MODULES]
    sys.modules.update({one.__name__: one for one in stand_ins})
    try:
        yield
    finally:
        for one in stand_ins:
            if sys.modules.get(one.__name__) is one:
                del sys.modules[one.__name__]
        fluent = sys.modules.get(_FLUENT)  # None where its import was broken off
        if stand_ins and fluent is not None:
            _import_on_use(fluent)


def _import_on_use(fluent: ModuleType) -> None:
    """Let the package import a class that it has only a stand-in for, and its registries all that are missing."""
    homes = {name: later.module for name, later in vars(fluent).items() if isinstance(later, _Later)}
    for name in homes:
        delattr(fluent, name)

    def of_package(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {_FLUENT!r} has no attribute {name!r}")
        found = getattr(import_module(homes[name]), name)
        setattr(fluent, name, found)
        return found

    fluent.__getattr__ = of_package  # type: ignore[method-assign]  # as Python looks for it (PEP 562)
    manager = fluent.sources.DataSourceManager
    manager.__getattr__ = _with_all(manager.__getattr__, AttributeError)
    lookup = type(manager.type_lookup)
    lookup.__getitem__ = _with_all(lookup.__getitem__, LookupError)


def _with_all(find: Callable[[Any, Any], Any], missing: type[Exception]) -> Callable[[Any, Any], Any]:
    """A way to find something by its name that looks again with all data sources imported."""

    def found(where: Any, key: Any) -> Any:
        try:
            return find(where, key)
        except missing:
            if all(name in sys.modules for name in _MODULES):
                raise
        for name in _MODULES:
            import_module(name)
        return find(where, key)

    return found
