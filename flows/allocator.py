"""How soon memory that Polars lets go of goes back to the system."""

from __future__ import annotations

import os

_SETTINGS = "_RJEM_MALLOC_CONF"  # read by the allocator that Polars brings along, as Polars is imported


def give_memory_back() -> None:
    """Have freed memory shared by threads, and given back within a second; to be called before Polars is imported.

    By default there are four pools for each core, of which each keeps what it once held until the system runs short:
    stage by stage a run would grow, and its peak would be what all of them have ever held.
    """
    os.environ.setdefault(_SETTINGS, f"narenas:{os.cpu_count() or 1},muzzy_decay_ms:0")
