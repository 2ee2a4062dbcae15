"""Which package may import which (docs/design, Rooms): stages never meet, and only `task.py` knows Prefect."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"flows", "tasks", "expectations", "deployments", "benchmarks", "tests"}
MAY_IMPORT = {
    "flows": {"flows", "tasks", "expectations"},
    "tasks": {"tasks", "expectations"},
    "expectations": {"expectations"},
    "deployments": {"deployments", "flows", "tasks", "expectations"},
}
STAGES = {"ingest", "validate", "analyze", "report"}
MAY_KNOW_PREFECT = {"tasks/caching.py"}


def imports(file: Path) -> Iterator[str]:
    """Every dotted name a file imports, relative ones made absolute."""
    package = file.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join((*above, *(node.module or "").split("."))).rstrip(".")
            yield from (".".join((*above, node.module or "", alias.name)) for alias in node.names)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_the_arrows_point_one_way(room: str) -> None:
    wrong: list[str] = []
    for file in sorted((ROOT / room).rglob("*.py")):
        path, parts = file.relative_to(ROOT).as_posix(), file.relative_to(ROOT).parts
        for name in imports(file):
            top, *below = name.split(".")
            allowed = MAY_IMPORT[room] if "polars_engine" not in parts else {"expectations"}
            is_wrong = top in OURS and top not in allowed
            if "polars_engine" in parts and top in OURS:  # a plug-in: nothing of ours but itself
                is_wrong = below[:1] != ["polars_engine"]
            if room == "tasks" and parts[1] in STAGES and top == "tasks" and below:
                is_wrong |= below[0] in STAGES - {parts[1]}
            if room == "tasks" and top == "prefect":
                is_wrong |= path not in MAY_KNOW_PREFECT and file.name != "task.py"
            wrong += [f"{path} imports {name}"] * is_wrong

    assert wrong == []
