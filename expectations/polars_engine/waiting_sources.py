"""Great Expectations' own data sources, imported when somebody asks for one of them.

Great Expectations makes models of all that the readers of pandas and Spark take and of two dozen databases, while it is
imported: a third of its import, of which a gate on Polars uses nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import ModuleType
from typing import Any

from expectations.polars_engine.waiting import modules_in, waiting

_FLUENT = "great_expectations.datasource.fluent"
_NO_SOURCE = "invalid_datasource"  # what stands for a stored data source that cannot be read


@contextmanager
def waiting_sources() -> Iterator[None]:
    """Let Great Expectations be imported in the block without these; where it is imported already, nothing changes.

    Afterwards a class is imported with its first use by name; a method such as `data_sources.add_pandas`, or a data
    source of a stored context, imports all of them.
    """
    sources = [name for name in modules_in(_FLUENT) if name.endswith(("_datasource", ".fabric"))]
    sources.remove(f"{_FLUENT}.{_NO_SOURCE}")
    with waiting(sources, _FLUENT) as taken:
        yield
    if taken:
        _find_with_all(sys.modules[_FLUENT], taken)


def _find_with_all(fluent: ModuleType, sources: Collection[str]) -> None:
    """Let the package's registries look again with all of them imported, where they do not know a name."""
    manager = fluent.sources.DataSourceManager
    manager.__getattr__ = _with_all(manager.__getattr__, AttributeError, sources)
    lookup = type(manager.type_lookup)
    lookup.__getitem__ = _with_all(lookup.__getitem__, LookupError, sources)
    known_names = lookup.type_names

    def type_names(self: Any) -> Iterator[str]:
        _import_all(sources)
        yield from known_names(self)

    lookup.type_names = type_names


def _with_all(
    find: Callable[[Any, Any], Any], missing: type[Exception], sources: Collection[str]
) -> Callable[[Any, Any], Any]:
    """A way to find something by its name that looks again with all data sources imported."""

    def found(where: Any, key: Any) -> Any:
        with suppress(missing):
            return find(where, key)
        _import_all(sources)
        return find(where, key)

    return found


def _import_all(modules: Collection[str]) -> None:
    for name in modules:
        import_module(name)
