"""axe-core, the accessibility checker, from npm: fetched once, kept with pytest's cache."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

VERSION = "4.14.1"


def axe_source(cache: Path) -> str | None:
    """The script's text; None where npm is missing or cannot fetch it."""
    script = cache / VERSION / "node_modules" / "axe-core" / "axe.min.js"
    npm = shutil.which("npm")
    if not script.is_file() and npm is not None:
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
        folder = cache / VERSION
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([*command, "--prefix", str(folder), f"axe-core@{VERSION}"], check=False, capture_output=True)
    return script.read_text(encoding="utf-8") if script.is_file() else None
