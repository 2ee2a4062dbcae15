"""What runs: each module a flow and its command line."""

from flows.allocator import give_memory_back, keep_room_for_blocks
from flows.garbage import look_seldom
from flows.idle_threads import start_none_for_matrices

# Here, so that it is before whatever a module of this package imports.
give_memory_back()
keep_room_for_blocks()
look_seldom()
start_none_for_matrices()
