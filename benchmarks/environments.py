"""Environments of their own for what cannot share ours: other pins, or other versions on purpose."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def environment(name: str, folder: Path) -> Path:
    """The Python of an environment with what `requirements-<name>.txt` pins, made where it is not there yet.

    What cannot be installed is named and left out; whoever needs it finds out by `has`.

    Args:
        name: which requirements.
        folder: where environments are kept between runs.
    """
    requirements = _HERE / f"requirements-{name}.txt"
    pins = requirements.read_text(encoding="utf-8")
    root = folder.absolute() / f"venv_{name}_{hashlib.sha256(pins.encode()).hexdigest()[:8]}"
    python, finished = root / "bin" / "python", root / "finished"
    if not finished.is_file():
        _say(f"making {root} with what {requirements.relative_to(_HERE.parent)} pins")
        venv.create(root, with_pip=True, clear=True)
        _install(python, pins, requirements)
        finished.touch()
    return python


def has(python: Path, module: str) -> bool:
    """Whether an environment can import a module; says so where it cannot."""
    done = subprocess.run([python, "-c", f"import {module}"], check=False, capture_output=True)
    if done.returncode:
        _say(f"left out: {module} cannot be imported in {python.parent.parent}")
    return not done.returncode


def _install(python: Path, pins: str, requirements: Path) -> None:
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not subprocess.run([*pip, "-r", requirements], check=False, capture_output=True).returncode:
        return
    for pin in (line.partition("#")[0].strip() for line in pins.splitlines()):
        if pin and subprocess.run([*pip, "-c", requirements, pin], check=False, capture_output=True).returncode:
            _say(f"left out: {pin} cannot be installed")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
