"""The server that Prefect starts for a run where none is configured: started early, beside what else takes long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL


@contextmanager
def coming_up() -> Iterator[None]:
    """Let the server start while the block works, and wait for it after; does nothing where one is configured.

    An error of the server is not told here: the run meets it again.
    """
    if PREFECT_API_URL.value():
        yield
        return
    # Imported here, not in the thread: two threads that import at once can see each other's half-made modules.
    import prefect.server.api.server  # noqa: F401, PLC0415

    starting = Thread(target=_ask_for_it, daemon=True)
    starting.start()
    yield
    starting.join()


def _ask_for_it() -> None:
    with suppress(Exception):
        get_client(sync_client=True)
