"""What the server, the worker and the commands that talk to them are told by their environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flows.prefect_environment import DEFAULTS

PROJECT_DIR = Path(__file__).resolve().parent.parent
POOL = "sluice"
HEARTBEAT_SECONDS = 30
WEBHOOK_VARIABLE = "SLUICE_WEBHOOK_URL"  # a secret: whoever knows it can post
# For a server that lives as long as one run; this one registers its blocks.
_NOT_HERE = ("PREFECT_API_BLOCKS_REGISTER_ON_START",)


def environment(home: Path, api_url: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of every process that `up` starts: ours, where the user has not set it."""
    ui_url = api_url.removesuffix("/api")
    ours = {name: value for name, value in DEFAULTS.items() if name not in _NOT_HERE}
    ours |= {
        "PREFECT_UI_URL": ui_url,  # or the links in alerts read None
        "PREFECT_SERVER_UI_API_URL": api_url,  # or the UI is blank on any port but 4200
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    }
    fixed = {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api_url,
        # Runs are started from a folder of their own; our logging is imported before they change to the project's.
        "PYTHONPATH": ":".join(filter(None, [str(PROJECT_DIR), inherited.get("PYTHONPATH", "")])),
    }
    return ours | dict(inherited) | fixed
