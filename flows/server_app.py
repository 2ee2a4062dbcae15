"""What uvicorn serves as the temporary server: Prefect's API without pages and without schedules."""

from __future__ import annotations

import os
import signal
import sys
from threading import Thread

from fastapi import FastAPI
from prefect.server.api.server import create_app


def create() -> FastAPI:
    """The application, made for one process, which ends when the one that started it does, however that ends."""
    Thread(target=_end_with_parent, daemon=True).start()
    return create_app(ephemeral=True, final=True)


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # lasts as long as the parent holds the other end
    os.kill(os.getpid(), signal.SIGTERM)
