"""Imports beside other work."""

from __future__ import annotations

import sys
from threading import Event, Timer

import pytest

from flows import later_imports
from flows.later_imports import LaterImports
from flows.run import open_run


def test_it_has_ended_when_its_block_has_however_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    before, began, go_on, done = sys.getswitchinterval(), Event(), Event(), Event()

    def load(name: str) -> None:
        if name == "matplotlib.backends.backend_svg":
            done.set()
        began.set()
        go_on.wait()
        raise ImportError(name)  # which its stage will meet

    monkeypatch.setattr(later_imports, "import_module", load)

    def fail_meanwhile() -> None:
        with LaterImports(open_run(None, {})) as later:
            later.start()
            later.start()  # once is enough
            began.wait()
            assert sys.getswitchinterval() < before
            Timer(0.05, go_on.set).start()
            raise KeyError

    with pytest.raises(KeyError):
        fail_meanwhile()
    assert done.is_set()
    assert sys.getswitchinterval() == before


def test_what_never_began_is_not_waited_for() -> None:
    with LaterImports(open_run(None, {})):
        pass
