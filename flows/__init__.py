"""What runs: each module a flow and its command line."""

from flows.allocator import give_memory_back

give_memory_back()
