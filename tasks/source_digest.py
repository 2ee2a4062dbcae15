"""What a stage is made of, as one digest: a changed line anywhere in it makes its cached results stale."""

from __future__ import annotations

import ast
import functools
import hashlib
import sys
from collections.abc import Iterator, Set
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from pathlib import Path

from tasks.artifacts import file_digest

PROJECT_DIR = Path(__file__).resolve().parent.parent

_OURS = ("tasks", "expectations")
# How a stage is run, not what it computes; and what only carries values that are inputs of the task anyway.
_NOT_PART = frozenset({"tasks.caching", "tasks.settings", "tasks.retries", "tasks.source_digest", "prefect"})
# Imported under another name than installed, or by way of another package.
_DISTRIBUTIONS = {"great_expectations": "great-expectations", "ruamel": "ruamel.yaml", "backports": "backports.zstd"}
READ_WITH = frozenset(
    {"aiohttp", "backports", "chardet", "fsspec", "isal", "msgspec", "numpy", "polars", "pyarrow", "pydantic", "ruamel"}
)
_ALWAYS = frozenset({"polars", "numpy"})


@functools.lru_cache
def stage_digest(stage: str, project_dir: Path = PROJECT_DIR) -> str:
    """The digest of a stage's files, of every module of ours they import, and of the versions of the libraries.

    Args:
        stage: a package below `tasks/`; every file in it counts, templates too.
        project_dir: the folder that holds `tasks/` and `expectations/`.
    """
    digest = hashlib.sha256(f"python {sys.version_info.major}.{sys.version_info.minor}\n".encode())
    files, imported = stage_parts(stage, project_dir)
    for file in files:
        digest.update(f"{file.relative_to(project_dir).as_posix()}\0{file_digest(file)}\n".encode())
    for line in _versions(imported | _ALWAYS):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


@functools.lru_cache
def reading_digest(project_dir: Path = PROJECT_DIR) -> str:
    """The digest of whatever could change how a file is read: all of `tasks/` and `expectations/`, and the libraries.

    A hundredth of a second where `stage_digest("ingest")` takes a fifth: for a command line that runs for a few.
    """
    digest = hashlib.sha256(f"python {sys.version_info.major}.{sys.version_info.minor}\n".encode())
    for top in _OURS:
        for file in sorted((project_dir / top).rglob("*.py")):
            digest.update(f"{file.relative_to(project_dir).as_posix()}\0".encode() + file.read_bytes())
    for line in _versions(READ_WITH):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def stage_parts(stage: str, project_dir: Path = PROJECT_DIR) -> tuple[list[Path], set[str]]:
    """The files a stage is made of, and the top-level names of the libraries they import."""
    folder = project_dir / "tasks" / stage
    found = {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    libraries: set[str] = set()
    waiting = sorted(path for path in found if path.suffix == ".py")
    while waiting:
        file = waiting.pop()
        for name in _imported_names(file.read_bytes(), file.relative_to(project_dir).parent.parts):
            top = name.partition(".")[0]
            if _NOT_PART.intersection(accumulate(name.split("."), "{}.{}".format)):
                continue
            if top not in _OURS:
                libraries.add(top)
                continue
            new = [path for path in _module_files(name, project_dir) if path not in found]
            found.update(new)
            waiting.extend(new)
    return sorted(found), libraries


@functools.lru_cache(maxsize=1024)
def _imported_names(source: bytes, package: tuple[str, ...]) -> frozenset[str]:
    """Every dotted name a module imports, wherever in it; `from a import b` gives `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, node.module or "")).rstrip(".")
            names.add(module)
            if module.partition(".")[0] in _OURS:
                names.update(f"{module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def _module_files(name: str, project_dir: Path) -> Iterator[Path]:
    """The files that importing a module of ours runs: its own and its packages'. None for a name inside a module."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        path = project_dir.joinpath(*parts[:depth])
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                yield file


def _versions(imported: Set[str]) -> Iterator[str]:
    for name in sorted(imported - sys.stdlib_module_names):
        try:
            yield f"{name} {version(_DISTRIBUTIONS.get(name, name))}"
        except PackageNotFoundError:  # an optional engine that is not installed
            yield f"{name} none"
