"""Measured claims, each with the command that repeats it."""
