"""Great Expectations' own expectations, imported when a suite or somebody else asks for one of them.

Great Expectations makes a model of each of its sixty expectations while it is imported, of which a suite uses a few.
"""

from __future__ import annotations

import sys
from collections import UserDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from expectations.polars_engine.waiting import modules_in, waiting

_CORE = "great_expectations.expectations.core"
_REGISTRY = "great_expectations.expectations.registry"


@contextmanager
def waiting_expectations() -> Iterator[None]:
    """Let Great Expectations be imported in the block without them; where it is imported already, nothing changes.

    Afterwards one is imported with the first use of its class or its type; all of them, where they are listed.
    """
    # What is no `expect_...` is used as Great Expectations is imported.
    modules = [name for name in modules_in(_CORE) if ".expect_" in name]
    with waiting(modules, _CORE, "great_expectations.expectations") as taken:
        yield
    if taken:
        homes = {module.rpartition(".")[2]: module for module in sorted(taken)}
        registry = sys.modules[_REGISTRY]
        for name in ("_registered_expectations", "_registered_renderers"):
            setattr(registry, name, _Registry(getattr(registry, name), homes))


class _Registry(UserDict[str, Any]):
    """What is registered by the type of an expectation; what is not yet is imported, which registers it."""

    def __init__(self, known: dict[str, Any], homes: Mapping[str, str]) -> None:
        super().__init__()
        self.data = known
        self._homes = homes  # the module of each type: its name ends in the type

    def __missing__(self, key: str) -> Any:
        if key in self:
            return self.data[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        if key not in self.data and isinstance(key, str) and key in self._homes:
            import_module(self._homes[key])
        return key in self.data

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Any]:
        for module in self._homes.values():
            import_module(module)
        return self.data
