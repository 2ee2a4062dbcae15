"""Environment defaults for Prefect. Import this before anything that imports Prefect.

Only what the user has not set is set. Why each is there stands beside it; the measurements are in
docs/operations.md.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

LOGGING_CONFIG = Path(__file__).resolve().parent.parent / "config" / "logging.yml"

DEFAULTS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # where there is no network, it prints an error in red
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",  # a cold home takes longer than the 20 s it is given
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",  # a second of start-up for blocks that no run uses
    "PREFECT_LOGGING_SETTINGS_PATH": str(LOGGING_CONFIG),
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",  # lines logged before and after the flow stay local
}


def set_prefect_defaults(environ: MutableMapping[str, str] = os.environ) -> None:
    """Put the defaults into the environment where nothing is set."""
    for name, value in DEFAULTS.items():
        environ.setdefault(name, value)


set_prefect_defaults()
