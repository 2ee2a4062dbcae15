"""A terminal shows how far a run is; a pipe gets nothing, and does not pay for it."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from flows.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stderr", "is_shown"), [(Terminal(), True), (io.StringIO(), False)])
def test_a_stage_is_shown_at_a_terminal_only(
    stderr: io.StringIO, is_shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    with Progress() as progress, progress.stage("ingest", steps=2):
        progress.advance()
        progress.advance()
    assert ("ingest" in stderr.getvalue()) is is_shown
    assert ("2/2" in stderr.getvalue()) is is_shown
    assert is_shown or not stderr.getvalue()


def test_a_plain_run_leaves_out_what_it_hardly_needs() -> None:
    code = "import sys, flows.main, flows.plain_stages; print({'rich', 'chardet', 'cryptography'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
