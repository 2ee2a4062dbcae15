"""The import of the gate beside other work."""

from __future__ import annotations

import sys
from threading import Event, Timer

import pytest

from flows import gate_import
from flows.gate_import import GateImport


def test_it_has_ended_when_its_block_has_however_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    before, began, go_on, done = sys.getswitchinterval(), Event(), Event(), Event()

    def load(name: str) -> None:
        assert name == "expectations.polars_engine"
        began.set()
        go_on.wait()
        done.set()
        raise ImportError(name)  # which the gate will meet

    monkeypatch.setattr(gate_import, "import_module", load)

    def fail_meanwhile() -> None:
        with GateImport() as gate:
            gate.start()
            gate.start()  # once is enough
            began.wait()
            assert sys.getswitchinterval() < before
            Timer(0.05, go_on.set).start()
            raise KeyError

    with pytest.raises(KeyError):
        fail_meanwhile()
    assert done.is_set()
    assert sys.getswitchinterval() == before


def test_what_never_began_is_not_waited_for() -> None:
    with GateImport():
        pass
