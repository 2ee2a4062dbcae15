"""How soon memory that was let go of goes back to the system."""

from __future__ import annotations

import ctypes
import os
import sys

_SETTINGS = "_RJEM_MALLOC_CONF"  # read by the allocator that Polars brings along, as Polars is imported
_ARROWS = "ARROW_DEFAULT_MEMORY_POOL"  # read by Arrow as it is imported
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # the parameters of glibc's `mallopt`
_KEPT_BYTES = 2**26
_LARGE_BYTES = 2**23  # more than a column of a block takes
_ALL = 0  # of what is free, for `malloc_trim`


def give_memory_back() -> None:
    """Have freed memory shared by threads, and given back within a second; to be called before Polars is imported.

    By default there are four pools for each core, of which each keeps what it once held until the system runs short:
    stage by stage a run would grow, and its peak would be what all of them have ever held.

    Arrow, whose own choice gives back so soon that the next column comes from the system again, is told to take
    jemalloc too, which its packages for Linux have.
    """
    os.environ.setdefault(_SETTINGS, f"narenas:{os.cpu_count() or 1},muzzy_decay_ms:0")
    if sys.platform == "linux":
        os.environ.setdefault(_ARROWS, "jemalloc")


def keep_room_for_blocks() -> None:
    """Have glibc, which numpy asks for memory, keep some of what is freed, so that the next block finds it there.

    By default what a block took goes back to the system each time, and comes from it, page by page, for the next one.
    Other systems do as they always do.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back_what_is_free() -> None:
    """Have glibc and Arrow give the system what they keep free: what one stage had room for, the next may not need."""
    import pyarrow as pa  # noqa: PLC0415  (this module comes before all others)

    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if malloc_trim is not None:
        malloc_trim(_ALL)
    pa.default_memory_pool().release_unused()
