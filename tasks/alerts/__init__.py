"""Telling people: when a run fails or the gate stops it, and when it is well again."""
