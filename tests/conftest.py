"""Generative tests try the same inputs each time, so that a commit is green or is not.

New inputs are looked for with `--hypothesis-profile explore`, and by the fuzzer (`python -m benchmarks.fuzz`).
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", derandomize=False, print_blob=True)
settings.load_profile("repeatable")
