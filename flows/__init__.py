"""What runs: each module a flow and its command line."""

from flows.allocator import give_memory_back
from flows.garbage import look_seldom

# Here, so that it is before whatever a module of this package imports.
give_memory_back()
look_seldom()
