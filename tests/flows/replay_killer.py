"""Replays in processes that are killed right after one of their steps, for test_replay_killed.py.

Importing Great Expectations costs seconds: it is done once, here, and a child is forked for every replay. Threads of
Polars do not come along into a child, so nothing may use it before: loading a contract does.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.flows.replay_bench import Bench


def main() -> None:
    """For each line of standard input fork a child to be killed, and print how it ended."""
    importlib.import_module("expectations.polars_engine")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            replay_and_die(*json.loads(line))
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)


def replay_and_die(folder: str, module: str, name: str) -> None:
    from tests.flows.replay_bench import Bench  # loads a contract

    owner: Any = importlib.import_module(module)
    *parents, attribute = name.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    step = getattr(owner, attribute)

    def last_step(*arguments: Any, **options: Any) -> Any:
        step(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, attribute, last_step)
    replay(Bench(Path(folder)))


def replay(bench: Bench) -> None:
    bench.replay(reason="cast_decimal", repair=["decimal_comma:column=value"])


if __name__ == "__main__":
    main()
